import type {
  BlockDeviceMapping,
  EbsBlockDevice,
  Image,
  RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import type { Config } from './config.ts';
import { type Fingerprint, instanceType } from './fingerprint.ts';
import { strictObject } from './strictObject.ts';
import { TAG, tagList } from './tags.ts';

/** What a restore is told to do differently from the fingerprint. */
export const launchOverrides = strictObject({
  instanceType: v.optional(instanceType),
  subnetId: v.optional(v.pipe(v.string(), v.startsWith('subnet-'))),
  securityGroupIds: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.startsWith('sg-'))), v.minLength(1), v.maxLength(16)),
  ),
  /** `auto` takes any free address: while the source still runs, its own is not free. */
  privateIpAddress: v.optional(v.union([v.pipe(v.string(), v.ipv4()), v.literal('auto')])),
  /** Name of an instance profile. */
  instanceProfile: v.optional(v.string()),
  userData: v.optional(v.picklist(['keep', 'drop'])),
});
export type LaunchOverrides = v.InferOutput<typeof launchOverrides>;

/** How a recovery point is to be launched. */
export interface LaunchPlan {
  fingerprint: Fingerprint;
  image: Image;
  /** In the sandbox: nothing of the source's network, rights or boot scripts comes along. */
  isolated: boolean;
  overrides: LaunchOverrides;
  /** Decoded; undefined when there is none or it is to be dropped. */
  userData: Uint8Array | undefined;
  /** Tags beside ours. */
  tags: Record<string, string>;
  runId: string;
}

/** Whether the restored instance runs the source's user data again. */
export function keepsUserData(isolated: boolean, overrides: LaunchOverrides): boolean {
  return !isolated && (overrides.userData ?? 'keep') === 'keep';
}

/** Fields of the fingerprint that the overrides make differ. */
export function changedFields(overrides: LaunchOverrides): string[] {
  const { instanceType, subnetId, securityGroupIds, privateIpAddress, instanceProfile, userData } = overrides;
  return [
    ...(instanceType ? ['instanceType', 'ebsOptimized'] : []),
    ...(subnetId ? ['subnetId', 'availabilityZone'] : []),
    ...(securityGroupIds ? ['securityGroupIds'] : []),
    ...(privateIpAddress || subnetId ? ['privateIpAddresses'] : []),
    ...(instanceProfile ? ['instanceProfile'] : []),
    ...(userData === 'drop' ? ['userDataSha256'] : []),
  ];
}

/** The launch of a recovery point: version 2 of the metadata service only, every volume encrypted, one client token. */
export function launchRequest(plan: LaunchPlan, config: Config): RunInstancesCommandInput {
  const { fingerprint, isolated, overrides } = plan;
  const tags = tagList({
    ...(isolated ? { Name: `${config.deployment} restored copy` } : fingerprint.tags),
    ...plan.tags,
    [TAG.deployment]: config.deployment,
    [TAG.run]: plan.runId,
  });
  const placed = isolated ? sandboxPlace(config) : sourcePlace(fingerprint, overrides);
  return {
    ClientToken: `${plan.runId}-restore`,
    ImageId: plan.image.ImageId,
    MinCount: 1,
    MaxCount: 1,
    InstanceType: overrides.instanceType ?? fingerprint.instanceType,
    ...(overrides.instanceType ? {} : { EbsOptimized: fingerprint.ebsOptimized }),
    ...placed,
    ...(plan.userData ? { UserData: Buffer.from(plan.userData).toString('base64') } : {}),
    MetadataOptions: {
      HttpTokens: 'required',
      HttpPutResponseHopLimit: fingerprint.metadata.hopLimit,
      InstanceMetadataTags: fingerprint.metadata.instanceTags,
    },
    BlockDeviceMappings: (plan.image.BlockDeviceMappings ?? []).flatMap((mapping) =>
      volumeMapping(mapping, plan, config.keyArn),
    ),
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags },
      { ResourceType: 'volume', Tags: tags },
      { ResourceType: 'network-interface', Tags: tags },
    ],
  };
}

function sandboxPlace({ sandbox }: Config): Partial<RunInstancesCommandInput> {
  return {
    SubnetId: sandbox.subnetId,
    SecurityGroupIds: [sandbox.instanceSecurityGroup],
    IamInstanceProfile: { Name: sandbox.instanceProfile },
  };
}

function sourcePlace(print: Fingerprint, overrides: LaunchOverrides): Partial<RunInstancesCommandInput> {
  const subnet = overrides.subnetId ?? print.subnetId;
  const profile = overrides.instanceProfile ?? print.instanceProfile;
  const old = overrides.subnetId ? undefined : print.privateIpAddresses[0]; // another subnet, another range
  const address = overrides.privateIpAddress ?? old;
  return {
    ...(subnet ? { SubnetId: subnet } : {}),
    SecurityGroupIds: overrides.securityGroupIds ?? print.securityGroupIds,
    ...(address && address !== 'auto' ? { PrivateIpAddress: address } : {}),
    ...(profile ? { IamInstanceProfile: { Name: profile } } : {}),
    ...(print.keyName ? { KeyName: print.keyName } : {}),
  };
}

/** The volume as it was: kind, speed, encryption. A snapshot that was not encrypted becomes a volume that is. */
function volumeMapping(mapping: BlockDeviceMapping, plan: LaunchPlan, keyArn: string): BlockDeviceMapping[] {
  if (!mapping.DeviceName || !mapping.Ebs) return [];
  const was = plan.fingerprint.volumes.find((volume) => volume.deviceName === mapping.DeviceName);
  const ebs: EbsBlockDevice = {
    Encrypted: true,
    DeleteOnTermination: plan.isolated || (was?.deleteOnTermination ?? false),
    // An encrypted snapshot's volume gets the snapshot's own key.
    ...(mapping.Ebs.Encrypted ? {} : { KmsKeyId: keyArn }),
    ...(was ? { VolumeType: was.type } : {}),
    ...(was?.iops && /^(io1|io2|gp3)$/.test(was.type) ? { Iops: was.iops } : {}),
    ...(was?.throughput && was.type === 'gp3' ? { Throughput: was.throughput } : {}),
  };
  return [{ DeviceName: mapping.DeviceName, Ebs: ebs }];
}
