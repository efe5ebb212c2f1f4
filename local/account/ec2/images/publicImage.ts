import type { Inventory } from '../inventory.ts';

/** An image for everybody: its name, the account that publishes it, and where its root is. */
export interface PublicImage {
  name: string;
  owner: string;
  alias?: 'amazon';
  rootDevice: string;
  distribution: 'amazon-linux' | 'ubuntu';
}

export const AMAZON_LINUX = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

/** The public images for arm64, by the public parameters that hold their ids. */
export const PUBLIC_IMAGES: Record<string, PublicImage> = {
  [AMAZON_LINUX]: {
    name: 'al2023-ami-2023.9.20260105.0-kernel-6.1-arm64',
    owner: '137112412989',
    alias: 'amazon',
    rootDevice: '/dev/xvda',
    distribution: 'amazon-linux',
  },
  '/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id': {
    name: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260105',
    owner: '099720109477',
    rootDevice: '/dev/sda1',
    distribution: 'ubuntu',
  },
};

/** Lets a public image be there, as it has been for long. Answers with its id. */
export function publishImage(ec2: Inventory, image: PublicImage): string {
  const id = ec2.newId('ami');
  const SnapshotId = ec2.newId('snap');
  const volume = { SnapshotId, VolumeSize: 8, Encrypted: false };
  // The snapshots of a public image are used with it, and never seen.
  const unseen = { findableFrom: Number.POSITIVE_INFINITY, listedFrom: Number.POSITIVE_INFINITY };
  const data = { ...volume, OwnerId: image.owner, State: 'completed' as const };
  ec2.snapshots.add({ id: SnapshotId, ...unseen, completeAt: ec2.now, data });
  const { clock, host } = ec2.account;
  ec2.images.add({
    id,
    findableFrom: 0,
    listedFrom: 0,
    ready: clock.hold(() => host.createBaseImage(SnapshotId, image.distribution)),
    data: {
      ImageId: id,
      Name: image.name,
      State: 'available',
      OwnerId: image.owner,
      ...(image.alias && { ImageOwnerAlias: image.alias }),
      Public: true,
      CreationDate: '2026-01-05T00:00:00.000Z',
      Architecture: 'arm64',
      RootDeviceName: image.rootDevice,
      RootDeviceType: 'ebs',
      BlockDeviceMappings: [
        { DeviceName: image.rootDevice, Ebs: { ...volume, VolumeType: 'gp3', DeleteOnTermination: true } },
      ],
      Tags: [],
    },
  });
  return id;
}
