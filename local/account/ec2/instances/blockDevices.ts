import type { BlockDeviceMapping, VolumeType } from '@aws-sdk/client-ec2';
import { AwsError } from '../../service.ts';
import type { ImageItem } from '../images/image.ts';
import type { Inventory } from '../inventory.ts';
import { keyArn, managedKey } from '../keys.ts';

/** A volume that a launch will make. */
export interface PlannedVolume {
  deviceName: string;
  snapshotId: string | undefined;
  /** GiB. */
  size: number;
  type: VolumeType;
  iops: number | undefined;
  throughput: number | undefined;
  kmsKeyId: string | undefined;
  deleteOnTermination: boolean;
}

/**
 * The volumes of a launch: the image's mappings, with what the request says of each, and the request's own.
 * @throws AwsError InvalidBlockDeviceMapping, InvalidParameterDependency, InvalidSnapshot.NotFound, MissingParameter.
 */
export function planVolumes(
  ec2: Inventory,
  image: ImageItem,
  requested: readonly BlockDeviceMapping[],
): PlannedVolume[] {
  const mappings = new Map((image.data.BlockDeviceMappings ?? []).map((one) => [one.DeviceName ?? '', one]));
  for (const mapping of requested) {
    const name = mapping.DeviceName ?? '';
    const ofImage = mappings.get(name);
    if (mapping.NoDevice !== undefined) {
      if (name === image.data.RootDeviceName)
        throw invalidMapping(`The root device '${name}' cannot be left out`);
      mappings.delete(name);
      continue;
    }
    if (ofImage && mapping.Ebs?.SnapshotId && mapping.Ebs.SnapshotId !== ofImage.Ebs?.SnapshotId)
      throw invalidMapping(
        `snapshotId can only be modified on EBS devices that are not in the image: ${name}`,
      );
    mappings.set(name, { DeviceName: name, Ebs: { ...ofImage?.Ebs, ...defined(mapping.Ebs ?? {}) } });
  }
  return [...mappings.values()].map((mapping) => planVolume(ec2, mapping));
}

function planVolume(ec2: Inventory, { DeviceName = '', Ebs = {} }: BlockDeviceMapping): PlannedVolume {
  const snapshot = ec2.snapshots.peek(Ebs.SnapshotId);
  if (Ebs.SnapshotId && !snapshot) throw ec2.snapshots.notFound([Ebs.SnapshotId]);
  const size = Ebs.VolumeSize ?? snapshot?.data.VolumeSize;
  if (size === undefined)
    throw new AwsError('MissingParameter', 'The request must contain the parameter size or snapshotId');
  if (snapshot && size < (snapshot.data.VolumeSize ?? 0))
    throw invalidMapping(
      `Volume of size ${size}GB is smaller than snapshot '${snapshot.id}', expect size >= ${snapshot.data.VolumeSize}GB`,
    );
  if (Ebs.KmsKeyId !== undefined && !Ebs.Encrypted)
    throw new AwsError(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  const encrypted = Ebs.Encrypted || snapshot?.data.Encrypted;
  const key = Ebs.KmsKeyId ?? snapshot?.data.KmsKeyId ?? managedKey(ec2);
  const type = Ebs.VolumeType ?? 'gp3';
  return {
    deviceName: DeviceName,
    snapshotId: Ebs.SnapshotId,
    size,
    type,
    // What gp3 has unless told otherwise.
    iops: Ebs.Iops ?? (type === 'gp3' ? 3000 : undefined),
    throughput: Ebs.Throughput ?? (type === 'gp3' ? 125 : undefined),
    kmsKeyId: encrypted ? keyArn(ec2, key) : undefined,
    deleteOnTermination: Ebs.DeleteOnTermination ?? true,
  };
}

/** What a client leaves out must not hide what the image says. */
function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function invalidMapping(words: string): AwsError {
  return new AwsError('InvalidBlockDeviceMapping', words);
}
