import type { DeleteSnapshotRequest } from '@aws-sdk/client-ec2';
import { AwsError, type Operation } from '../../service.ts';
import { existing } from '../access.ts';
import { checkUnlocked } from '../holds.ts';
import type { Inventory } from '../inventory.ts';
import type { SnapshotItem } from './snapshot.ts';

/** The image that a snapshot belongs to, if any. */
export function imageOf(ec2: Inventory, snapshotId: string): string | undefined {
  return ec2.images.having('block-device-mapping.snapshot-id', snapshotId)[0]?.id;
}

/** Takes a snapshot and its data away. */
export async function removeSnapshot(ec2: Inventory, snapshot: SnapshotItem): Promise<void> {
  ec2.snapshots.remove(snapshot.id);
  await ec2.account.host.deleteSnapshot(snapshot.id);
  ec2.note(snapshot.id, 'deleted');
}

/** DeleteSnapshot: of one that no image uses. */
export function deleteSnapshot(ec2: Inventory): Operation<DeleteSnapshotRequest> {
  return {
    access: ({ SnapshotId }) =>
      existing(ec2, 'DeleteSnapshot', ec2.snapshots, [ec2.snapshots.get(SnapshotId)]),
    run: async ({ SnapshotId }) => {
      const snapshot = ec2.snapshots.get(SnapshotId);
      const user = imageOf(ec2, snapshot.id);
      if (user !== undefined)
        throw new AwsError(
          'InvalidSnapshot.InUse',
          `The snapshot ${snapshot.id} is currently in use by ${user}`,
        );
      checkUnlocked(ec2, snapshot.id);
      await removeSnapshot(ec2, snapshot);
      return {};
    },
  };
}
