import type { DescribeLockedSnapshotsRequest, DescribeSnapshotAttributeRequest } from '@aws-sdk/client-ec2';
import type { Operation } from '../../service.ts';
import { everything, existing } from '../access.ts';
import { invalidValue } from '../errors.ts';
import type { Inventory } from '../inventory.ts';

/** DescribeSnapshotAttribute: createVolumePermission, which accounts may use a snapshot. */
export function describeSnapshotAttribute(ec2: Inventory): Operation<DescribeSnapshotAttributeRequest> {
  return {
    access: ({ SnapshotId }) =>
      existing(ec2, 'DescribeSnapshotAttribute', ec2.snapshots, [ec2.snapshots.get(SnapshotId)]),
    run: ({ SnapshotId = '', Attribute }) => {
      if (Attribute !== 'createVolumePermission')
        throw invalidValue(Attribute, 'attribute', 'Unknown attribute.');
      const accounts = ec2.holds.sharedWith.get(SnapshotId) ?? [];
      return { SnapshotId, CreateVolumePermissions: accounts.map((UserId) => ({ UserId })) };
    },
  };
}

/** DescribeLockedSnapshots: all of them, in one page. */
export function describeLockedSnapshots(ec2: Inventory): Operation<DescribeLockedSnapshotsRequest> {
  return {
    access: (_, call) => everything(call.operation),
    run: () => ({
      Snapshots: [...ec2.holds.locked].map((SnapshotId) => ({ SnapshotId, LockState: 'governance' })),
    }),
  };
}
