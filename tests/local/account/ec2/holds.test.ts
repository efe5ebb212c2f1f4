import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

const seeded = (region: Region) => {
  const tags = { Team: 'web' };
  const [image] = region.ec2.seedPoints([{ capture: 'ami', instanceId: 'i-0123456789abcdef0', at: 0, tags }]);
  return {
    ImageId: image?.imageId ?? '',
    SnapshotId: image?.snapshotIds[0] ?? '',
    other: image?.snapshotIds[1] ?? '',
  };
};

describe('what people put on images and snapshots', () => {
  test('an image that is protected is shown as such, and is not deregistered', async () => {
    const region = new Region();
    const { ImageId } = seeded(region);
    region.ec2.holds.protected.add(ImageId);
    const { Images } = await region.call('DescribeImages', { ImageIds: [ImageId] });
    expect(Images[0].DeregistrationProtection).toBe('enabled-without-cooldown');
    expect(await region.codeOf('DeregisterImage', { ImageId })).toBe('OperationNotPermitted');
    region.ec2.holds.protected.delete(ImageId);
    expect(await region.codeOf('DeregisterImage', { ImageId })).toBe('none');
  });

  test('a snapshot that is locked is listed as such, and stays when its image goes', async () => {
    const region = new Region();
    const { ImageId, SnapshotId, other } = seeded(region);
    region.ec2.holds.locked.add(SnapshotId);
    const { Snapshots } = await region.call('DescribeLockedSnapshots');
    expect(Snapshots).toEqual([{ SnapshotId, LockState: 'governance' }]);
    const answer = await region.call('DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true });
    expect(answer.DeleteSnapshotResults).toEqual([
      { SnapshotId, ReturnCode: 'client-error' },
      { SnapshotId: other, ReturnCode: 'success' },
    ]);
    expect(await region.codeOf('DeleteSnapshot', { SnapshotId })).toBe('OperationNotPermitted');
    region.ec2.holds.locked.delete(SnapshotId);
    expect(await region.codeOf('DeleteSnapshot', { SnapshotId })).toBe('none');
  });

  test('permissions of other accounts are shown, one image or snapshot at a time', async () => {
    const region = new Region();
    const { ImageId, SnapshotId } = seeded(region);
    const permissions = async () => [
      (await region.call('DescribeImageAttribute', { ImageId, Attribute: 'launchPermission' }))
        .LaunchPermissions,
      (await region.call('DescribeSnapshotAttribute', { SnapshotId, Attribute: 'createVolumePermission' }))
        .CreateVolumePermissions,
    ];
    expect(await permissions()).toEqual([[], []]);
    for (const id of [ImageId, SnapshotId]) region.ec2.holds.sharedWith.set(id, ['210987654321']);
    expect(await permissions()).toEqual([[{ UserId: '210987654321' }], [{ UserId: '210987654321' }]]);
    expect(await region.codeOf('DescribeImageAttribute', { ImageId, Attribute: 'kernel' })).toBe(
      'InvalidParameterValue',
    );
  });
});
