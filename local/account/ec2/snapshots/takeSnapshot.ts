import type { Tag } from '@aws-sdk/client-ec2';
import type { Inventory } from '../inventory.ts';
import type { SnapshotItem } from './snapshot.ts';

/** What a snapshot is to be. */
interface Taking {
  volumeId: string;
  /** When it will have been copied, in virtual milliseconds. */
  completeAt: number;
  tags: Tag[];
  description: string;
}

/** Copies a volume as it is now. Answers undefined when the volume is gone. */
export async function takeSnapshot(ec2: Inventory, taking: Taking): Promise<SnapshotItem | undefined> {
  const { volumeId, tags, description: Description } = taking;
  const volume = ec2.volumes.peek(volumeId);
  if (!volume) return undefined;
  const { account } = ec2;
  // All chance is drawn before the host works, so that a seeded run is the same however long that takes.
  const id = ec2.newId('snap');
  const visible = ec2.visibility();
  const StartTime = new Date(ec2.now);
  volume.latestSnapshot = ec2.now;
  await account.host.snapshotVolume(volumeId, id);
  const { Size: VolumeSize, Encrypted, KmsKeyId } = volume.data;
  const snapshot = ec2.snapshots.add({
    id,
    ...visible,
    completeAt: Math.max(ec2.now, taking.completeAt),
    data: {
      SnapshotId: id,
      VolumeId: volumeId,
      VolumeSize,
      State: 'pending',
      StartTime,
      Progress: '',
      OwnerId: account.id,
      Description,
      Encrypted,
      ...(KmsKeyId !== undefined && { KmsKeyId }),
      StorageTier: 'standard',
      Tags: [...tags],
    },
  });
  ec2.at(snapshot.completeAt, () => {
    snapshot.data.State = 'completed';
    snapshot.data.CompletionTime = new Date(ec2.now);
    ec2.note(id, 'completed');
  });
  return snapshot;
}
