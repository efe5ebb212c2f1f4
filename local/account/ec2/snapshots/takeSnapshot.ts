import type { Tag } from '@aws-sdk/client-ec2';
import { milliseconds } from '../../physics.ts';
import type { Inventory } from '../inventory.ts';
import type { SnapshotItem } from './snapshot.ts';

/**
 * Copies a volume as it is now; the snapshot is completed shortly before its image is available.
 * Answers undefined when the volume is gone.
 */
export async function takeSnapshot(
  ec2: Inventory,
  { volumeId, availableAt, tags, of }: { volumeId: string; availableAt: number; tags: Tag[]; of: string },
): Promise<SnapshotItem | undefined> {
  const volume = ec2.volumes.peek(volumeId);
  if (!volume) return undefined;
  const { account } = ec2;
  const id = ec2.newId('snap');
  await account.host.snapshotVolume(volumeId, id);
  const before = milliseconds(account.physics.snapshotCompletedBefore, account.random);
  const { Size: VolumeSize, Encrypted, KmsKeyId } = volume.data;
  const snapshot = ec2.snapshots.add({
    id,
    ...ec2.visibility(),
    completeAt: Math.max(ec2.now, availableAt - before),
    data: {
      SnapshotId: id,
      VolumeId: volumeId,
      VolumeSize,
      State: 'pending',
      StartTime: new Date(ec2.now),
      Progress: '',
      OwnerId: account.id,
      Description: `Created by CreateImage(${of}`,
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
