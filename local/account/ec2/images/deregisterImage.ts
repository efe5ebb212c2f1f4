import type { DeleteSnapshotReturnCode, DeregisterImageRequest } from '@aws-sdk/client-ec2';
import { AwsError, type Operation, type Principal } from '../../service.ts';
import { existing } from '../access.ts';
import { checkUnprotected } from '../holds.ts';
import type { Inventory } from '../inventory.ts';
import { imageOf, removeSnapshot } from '../snapshots/deleteSnapshot.ts';
import { isOwn } from './image.ts';

/**
 * DeregisterImage. With DeleteAssociatedSnapshots each snapshot is deleted if the caller may; what became of each is in
 * the answer, and never makes the call fail: one that another image uses, for instance, is skipped.
 */
export function deregisterImage(ec2: Inventory): Operation<DeregisterImageRequest> {
  return {
    access: ({ ImageId }) => existing(ec2, 'DeregisterImage', ec2.images, [ec2.images.get(ImageId)]),
    run: async ({ ImageId, DeleteAssociatedSnapshots }, call) => {
      const image = ec2.images.get(ImageId);
      if (!isOwn(ec2, image)) throw new AwsError('AuthFailure', `Not authorized for image:${image.id}`, 403);
      checkUnprotected(ec2, image.id);
      ec2.images.remove(image.id);
      ec2.note(image.id, 'deregistered');
      if (!DeleteAssociatedSnapshots) return { Return: true };
      const DeleteSnapshotResults: DeleteSnapshotReturnCode[] = [];
      for (const { Ebs } of image.data.BlockDeviceMappings ?? [])
        if (Ebs?.SnapshotId)
          DeleteSnapshotResults.push({
            SnapshotId: Ebs.SnapshotId,
            ReturnCode: await deleteOf(ec2, Ebs.SnapshotId, call.principal),
          });
      return { Return: true, DeleteSnapshotResults };
    },
  };
}

async function deleteOf(ec2: Inventory, id: string, principal: Principal) {
  const snapshot = ec2.snapshots.peek(id);
  if (!snapshot) return 'client-error';
  const asked = existing(ec2, 'DeleteSnapshot', ec2.snapshots, [snapshot]);
  if (!asked.every((access) => ec2.account.iam.allows(principal, access))) return 'missing-permissions';
  if (imageOf(ec2, id) !== undefined) return 'skipped';
  if (ec2.holds.locked.has(id)) return 'client-error';
  await removeSnapshot(ec2, snapshot);
  return 'success';
}
