import type { _InstanceType, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../service.ts';
import { invalidValue } from '../errors.ts';
import { type ImageItem, isOwn } from '../images/image.ts';
import type { Inventory } from '../inventory.ts';
import type { GroupItem, SubnetItem } from '../network/network.ts';
import { checkSpecifications } from '../tags/tags.ts';
import { type PlannedVolume, planVolumes } from './blockDevices.ts';

/** Everything that a RunInstances request names, found and checked. */
export interface LaunchPlan {
  image: ImageItem;
  instanceType: _InstanceType;
  count: number;
  subnet: SubnetItem;
  groups: GroupItem[];
  privateIp: string | undefined;
  profile: { name: string; arn: string; roleName: string } | undefined;
  volumes: PlannedVolume[];
}

/** Resolves a launch. @throws AwsError in EC2's words for whatever does not exist, fit or go together. */
export function planLaunch(ec2: Inventory, input: RunInstancesRequest): LaunchPlan {
  const count = input.MaxCount ?? 0;
  if (count < 1 || count < (input.MinCount ?? 0))
    throw invalidValue(count, 'maxCount', 'It must be at least 1 and minCount.');
  const image = ec2.images.get(input.ImageId);
  if (image.data.State !== 'available')
    throw new AwsError(
      'InvalidAMIID.Unavailable',
      `The image ID '${image.id}' is not available: its state is '${image.data.State}'`,
    );
  checkSpecifications(input.TagSpecifications, ['instance', 'volume', 'network-interface']);
  checkUserData(input.UserData);
  if (input.KeyName)
    throw new AwsError('InvalidKeyPair.NotFound', `The key pair '${input.KeyName}' does not exist`);
  const network = planNetwork(ec2, input);
  if (network.privateIp !== undefined && count > 1)
    throw new AwsError('InvalidParameterCombination', 'One address cannot be given to several instances.');
  return {
    image,
    instanceType: checkType(input.InstanceType ?? 'm1.small', image),
    count,
    ...network,
    profile: profileOf(ec2, input.IamInstanceProfile),
    volumes: leaveOneOut(ec2, image, planVolumes(ec2, image, input.BlockDeviceMappings ?? [])),
  };
}

function planNetwork(
  ec2: Inventory,
  input: RunInstancesRequest,
): Pick<LaunchPlan, 'subnet' | 'groups' | 'privateIp'> {
  const [card, ...others] = input.NetworkInterfaces ?? [];
  if (others.length > 0) throw invalidValue(others.length + 1, 'networkInterfaces', 'One is simulated.');
  if (card && (input.SubnetId || input.SecurityGroupIds?.length))
    throw new AwsError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    );
  const subnetId = card?.SubnetId ?? input.SubnetId;
  if (!subnetId) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
  const subnet = ec2.subnets.get(subnetId);
  const wanted = card?.Groups ?? input.SecurityGroupIds ?? [];
  const inVpc = ec2.groups.all().filter((group) => group.data.VpcId === subnet.data.VpcId);
  const groups =
    wanted.length > 0 ? ec2.groups.find(wanted) : inVpc.filter((group) => group.data.GroupName === 'default');
  if (groups.some((group) => !inVpc.includes(group)))
    throw new AwsError(
      'InvalidParameter',
      `Security group ${groups.find((group) => !inVpc.includes(group))?.id} and subnet ${subnet.id} belong to different networks.`,
    );
  return { subnet, groups, privateIp: card?.PrivateIpAddress ?? input.PrivateIpAddress };
}

function profileOf(ec2: Inventory, named: RunInstancesRequest['IamInstanceProfile']): LaunchPlan['profile'] {
  if (!named?.Arn && !named?.Name) return undefined;
  const name = named.Name ?? named.Arn?.split('/').at(-1) ?? '';
  const roleName = ec2.profiles.get(name);
  if (roleName === undefined)
    throw named.Name
      ? invalidValue(name, 'iamInstanceProfile.name', 'Invalid IAM Instance Profile name')
      : invalidValue(named.Arn, 'iamInstanceProfile.arn', 'Invalid IAM Instance Profile ARN');
  const { partition, id } = ec2.account;
  return { name, arn: `arn:${partition}:iam::${id}:instance-profile/${name}`, roleName };
}

/** Types with a `g` behind their generation are arm64, all others x86_64. */
function checkType(type: _InstanceType, image: ImageItem): _InstanceType {
  const found = /^[a-z]+\d+([a-z]*)[\w-]*\.[\w-]+$/.exec(type);
  if (!found) throw new AwsError('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
  const architecture = found[1]?.startsWith('g') ? 'arm64' : 'x86_64';
  if (architecture !== image.data.Architecture)
    throw new AwsError(
      'InvalidParameterValue',
      `The architecture '${architecture}' of the specified instance type does not match the architecture '${image.data.Architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`,
    );
  return type;
}

function checkUserData(userData: string | undefined): void {
  if (userData !== undefined && Buffer.from(userData, 'base64').toString('base64') !== userData)
    throw new AwsError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
}

/** Of a copy that is to be damaged by a missing volume, the last data volume is never made. */
function leaveOneOut(ec2: Inventory, image: ImageItem, volumes: PlannedVolume[]): PlannedVolume[] {
  if (ec2.account.host.corrupt?.kind !== 'volume' || !isOwn(ec2, image)) return volumes;
  const left = volumes.findLast((volume) => volume.deviceName !== image.data.RootDeviceName);
  return volumes.filter((volume) => volume !== left);
}
