import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import { readPolicy } from '../../local/account/iam/policy.ts';
import type { World } from './world.ts';

const PUBLIC_IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
const DEVICES = { '/dev/sdf': '/data1', '/dev/sdg': '/data2' };
/** Where it keeps its data. */
export const PATHS = Object.values(DEVICES);

/** An instance of a user's own, in a network that leads to the internet. */
export interface UserInstance {
  instanceId: string;
  subnetId: string;
  /** Another subnet of the same network. */
  otherSubnetId: string;
  groupId: string;
}

/** An instance as a user of the stack may have it: nothing of it is this stack's; two data volumes with data on them. */
export async function userInstance(world: World): Promise<UserInstance> {
  const { account, region, iam } = world.local;
  const ec2 = account.service<Ec2Service>('ec2', region);
  const { network } = ec2;
  const VpcId = network.createVpc({ CidrBlock: '10.1.0.0/16', EnableDnsHostnames: true });
  const subnetId = network.createSubnet({ VpcId, CidrBlock: '10.1.0.0/24' });
  const otherSubnetId = network.createSubnet({ VpcId, CidrBlock: '10.1.1.0/24' });
  const RouteTableId = network.createRouteTable({ VpcId });
  network.createRoute({
    RouteTableId,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: 'igw-0123456789abcdef0',
  });
  for (const SubnetId of [subnetId, otherSubnetId]) network.associateRouteTable({ RouteTableId, SubnetId });
  const groupId = network.createSecurityGroup({ VpcId, GroupDescription: 'web' });
  const mayReport = { Effect: 'Allow', Action: 'ssm:UpdateInstanceInformation', Resource: '*' };
  iam.createRole({
    name: 'web-role',
    arn: `arn:aws:iam::${account.id}:role/web-role`,
    policies: [readPolicy({ Version: '2012-10-17', Statement: [mayReport] }, 'web-role')],
    trusted: ['ec2.amazonaws.com'],
  });
  ec2.registerInstanceProfile('web', 'web-role');

  const { Instances } = await world.call('ec2', 'RunInstances', {
    ImageId: ec2.publicImageId(PUBLIC_IMAGE),
    MinCount: 1,
    MaxCount: 1,
    InstanceType: 't4g.small',
    SubnetId: subnetId,
    SecurityGroupIds: [groupId],
    IamInstanceProfile: { Name: 'web' },
    UserData: Buffer.from('#!/bin/sh\necho secret').toString('base64'),
    BlockDeviceMappings: Object.keys(DEVICES).map((DeviceName) => ({
      DeviceName,
      Ebs: { VolumeSize: 1, Encrypted: true, KmsKeyId: world.local.refs.Key, VolumeType: 'gp3' },
    })),
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  });
  const instanceId = Instances[0].InstanceId;
  await world.pass(300); // until it is online and its checks have passed
  const { BlockDeviceMappings } = await world.instance(instanceId);
  const volumes = Object.entries(DEVICES).map(([device, path]) => {
    const of = BlockDeviceMappings.find((one: { DeviceName: string }) => one.DeviceName === device);
    return `${of.Ebs.VolumeId}=${path}`;
  });
  const seeded = await world.run('run-command', {
    runId: 'user',
    step: 'seed',
    instanceId,
    document: 'seed-data',
    parameters: { Volumes: volumes.join(' '), Paths: PATHS.join(' ') },
    timeoutSeconds: 600,
  });
  if (seeded.status !== 'SUCCEEDED') throw new Error(`${seeded.error}: ${seeded.cause}`);
  return { instanceId, subnetId, otherSubnetId, groupId };
}
