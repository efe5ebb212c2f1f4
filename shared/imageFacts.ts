import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  type EC2Client,
  type Image,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { unlessNotFound } from './awsErrors.ts';

/** One image as EC2 describes it, or undefined when EC2 does not know it (yet, or any longer). */
export async function findImage(ec2: EC2Client, imageId: string): Promise<Image | undefined> {
  const found = await unlessNotFound(
    ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] })),
    'InvalidAMIID.NotFound',
    'InvalidAMIID.Unavailable', // deregistered a moment ago
  );
  return found?.Images?.[0];
}

/**
 * The snapshots that an image has so far. EC2 may fill in the mappings of a pending image late, so that what is
 * missing there is looked for among the volumes' snapshots, by the description that EC2 gives them.
 */
export async function snapshotsOfImage(
  ec2: EC2Client,
  image: Image,
  volumeIds: readonly string[],
): Promise<Snapshot[]> {
  const named = (image.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []);
  const byId = named.length > 0 ? await describeSnapshots(ec2, named) : [];
  const missing = volumeIds.filter((id) => !byId.some((snapshot) => snapshot.VolumeId === id));
  if (missing.length === 0) return byId;
  const { Snapshots } = await ec2.send(
    new DescribeSnapshotsCommand({
      OwnerIds: ['self'],
      Filters: [
        { Name: 'volume-id', Values: missing },
        { Name: 'description', Values: [`*${image.ImageId}*`] },
      ],
    }),
  );
  return [...byId, ...(Snapshots ?? [])];
}

/** Snapshots by their ids; none while one of them is not known yet. */
async function describeSnapshots(ec2: EC2Client, SnapshotIds: string[]): Promise<Snapshot[]> {
  const found = await unlessNotFound(
    ec2.send(new DescribeSnapshotsCommand({ SnapshotIds })),
    'InvalidSnapshot.NotFound',
  );
  return found?.Snapshots ?? [];
}
