import { createHash } from 'node:crypto';
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Instance,
  type Volume,
} from '@aws-sdk/client-ec2';
import { unlessNotFound } from './awsErrors.ts';
import { ResourceNotFound } from './errors.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { VolumeFacts } from './recoveryPoint.ts';

/** One instance as EC2 describes it, or undefined when EC2 does not know it (yet, or any longer). */
export async function findInstance(ec2: EC2Client, instanceId: string): Promise<Instance | undefined> {
  const found = await unlessNotFound(
    ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] })),
    'InvalidInstanceID.NotFound',
  );
  return found?.Reservations?.flatMap((reservation) => reservation.Instances ?? [])[0];
}

/** @throws ResourceNotFound when EC2 does not know the instance. */
export async function describeInstance(ec2: EC2Client, instanceId: string): Promise<Instance> {
  const instance = await findInstance(ec2, instanceId);
  if (!instance) throw new ResourceNotFound(`there is no instance ${instanceId} in this account and Region`);
  return instance;
}

/** Ids of the EBS volumes that the instance itself says are attached: lists by filter may lag, these do not. */
function volumeIdsOf(instance: Instance): string[] {
  return (instance.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.VolumeId ?? []);
}

/** The volumes that are attached to an instance. */
export async function describeVolumes(ec2: EC2Client, instance: Instance): Promise<Volume[]> {
  const VolumeIds = volumeIdsOf(instance);
  if (VolumeIds.length === 0) return [];
  return (await ec2.send(new DescribeVolumesCommand({ VolumeIds }))).Volumes ?? [];
}

function deviceNameOf(instance: Instance, volume: Volume): string {
  const mapping = instance.BlockDeviceMappings?.find((device) => device.Ebs?.VolumeId === volume.VolumeId);
  return mapping?.DeviceName ?? '';
}

/** What a backup of the instance must hold, by device name. */
export function volumeFactsOf(instance: Instance, volumes: readonly Volume[]): VolumeFacts[] {
  return volumes
    .map((volume) => ({
      volumeId: volume.VolumeId ?? '',
      deviceName: deviceNameOf(instance, volume),
      sizeGiB: volume.Size ?? 0,
      encrypted: volume.Encrypted ?? false,
    }))
    .sort((a, b) => a.deviceName.localeCompare(b.deviceName));
}

/** The user data of an instance, decoded; undefined when it has none. Scripts hold secrets: never log or return it. */
export async function readUserData(ec2: EC2Client, instanceId: string): Promise<Buffer | undefined> {
  const { UserData } = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: 'userData' }),
  );
  return UserData?.Value ? Buffer.from(UserData.Value, 'base64') : undefined;
}

/** The same; undefined, too, of an instance that has gone meanwhile. */
export async function readUserDataIfThere(ec2: EC2Client, instanceId: string): Promise<Buffer | undefined> {
  return await unlessNotFound(readUserData(ec2, instanceId), 'InvalidInstanceID.NotFound');
}

/** The launch fingerprint of a described instance. */
export function fingerprintOf(
  instance: Instance,
  volumes: readonly Volume[],
  userData: Uint8Array | undefined,
): Fingerprint {
  if (!instance.InstanceType) throw new ResourceNotFound(`${instance.InstanceId} has no instance type`);
  const addresses = instance.NetworkInterfaces?.[0]?.PrivateIpAddresses ?? [];
  const primary = instance.PrivateIpAddress;
  const others = addresses
    .flatMap((address) => address.PrivateIpAddress ?? [])
    .filter((ip) => ip !== primary);
  const own = (key: string) => !key.startsWith('aws:') && !key.startsWith('backup-drill:');
  return {
    instanceType: instance.InstanceType,
    subnetId: instance.SubnetId,
    availabilityZone: instance.Placement?.AvailabilityZone,
    privateIpAddresses: [...(primary ? [primary] : []), ...others],
    securityGroupIds: (instance.SecurityGroups ?? []).flatMap((group) => group.GroupId ?? []).sort(),
    instanceProfile: instance.IamInstanceProfile?.Arn?.split('/').at(-1),
    keyName: instance.KeyName,
    ebsOptimized: instance.EbsOptimized ?? false,
    userDataSha256: userData && createHash('sha256').update(userData).digest('hex'),
    metadata: {
      httpTokens: instance.MetadataOptions?.HttpTokens ?? 'optional',
      hopLimit: instance.MetadataOptions?.HttpPutResponseHopLimit ?? 1,
      instanceTags: instance.MetadataOptions?.InstanceMetadataTags ?? 'disabled',
    },
    rootDeviceName: instance.RootDeviceName ?? '',
    volumes: volumes
      .map((volume) => volumeFingerprintOf(instance, volume))
      .sort((a, b) => a.deviceName.localeCompare(b.deviceName)),
    tags: Object.fromEntries(
      (instance.Tags ?? [])
        .filter((tag) => own(tag.Key ?? ''))
        .map((tag) => [tag.Key ?? '', tag.Value ?? '']),
    ),
  };
}

function volumeFingerprintOf(instance: Instance, volume: Volume): Fingerprint['volumes'][number] {
  const mapping = instance.BlockDeviceMappings?.find((device) => device.Ebs?.VolumeId === volume.VolumeId);
  return {
    deviceName: mapping?.DeviceName ?? '',
    sizeGiB: volume.Size ?? 0,
    type: volume.VolumeType ?? 'standard',
    iops: volume.Iops,
    throughput: volume.Throughput,
    encrypted: volume.Encrypted ?? false,
    kmsKeyId: volume.KmsKeyId,
    deleteOnTermination: mapping?.Ebs?.DeleteOnTermination ?? false,
  };
}
