import type { Inventory } from '../inventory.ts';

/** The account that Amazon publishes Amazon Linux from. */
const AMAZON = '137112412989';

/** The public parameter that holds its id. */
export const AMAZON_LINUX = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

/** Lets the public image of Amazon Linux 2023 for arm64 be there, as it has been for long. Answers with its id. */
export function publishAmazonLinux(ec2: Inventory): string {
  const id = ec2.newId('ami');
  const SnapshotId = ec2.newId('snap');
  const volume = { SnapshotId, VolumeSize: 8, Encrypted: false };
  // The snapshots of a public image are used with it, and never seen.
  const unseen = { findableFrom: Number.POSITIVE_INFINITY, listedFrom: Number.POSITIVE_INFINITY };
  const data = { ...volume, OwnerId: AMAZON, State: 'completed' as const };
  ec2.snapshots.add({ id: SnapshotId, ...unseen, completeAt: ec2.now, data });
  const { clock, host } = ec2.account;
  ec2.images.add({
    id,
    findableFrom: 0,
    listedFrom: 0,
    ready: clock.hold(() => host.createBaseImage(SnapshotId)),
    data: {
      ImageId: id,
      Name: 'al2023-ami-2023.9.20260105.0-kernel-6.1-arm64',
      State: 'available',
      OwnerId: AMAZON,
      ImageOwnerAlias: 'amazon',
      Public: true,
      CreationDate: '2026-01-05T00:00:00.000Z',
      Architecture: 'arm64',
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { ...volume, VolumeType: 'gp3', DeleteOnTermination: true } },
      ],
      Tags: [],
    },
  });
  return id;
}
