import type { InstanceStateName, Tag, VolumeType } from '@aws-sdk/client-ec2';
import { attach } from './instances/attachNew.ts';
import { type InstanceItem, setState } from './instances/instance.ts';
import type { Inventory } from './inventory.ts';
import { keyArn } from './keys.ts';
import { usable } from './network/cidr.ts';
import type { NetworkMaker } from './network/fromTemplate.ts';

/** Tags of many resources: the same of all, or by the number of each, from 0. */
export type SeededTags = Record<string, string> | ((index: number) => Record<string, string>);

/** A volume of every instance of a fleet. */
export interface SeededVolume {
  /** GiB; 8 unless told. */
  size?: number;
  /** gp3 unless told. */
  type?: VolumeType;
  tags?: SeededTags;
  /** The id or the ARN of the key that encrypts it; not encrypted unless told. */
  kmsKeyId?: string;
}

/** Instances that have been there for long, all of a kind. */
export interface Fleet {
  count: number;
  tags?: SeededTags;
  /** The root's volume first; a root and one data volume unless told. */
  volumes?: readonly SeededVolume[];
  /** running unless told. */
  state?: Extract<InstanceStateName, 'running' | 'stopped'>;
  /** A registered instance profile; with it their agents are online, where its role lets them be. */
  profile?: string;
  /** t4g.small unless told. */
  instanceType?: NonNullable<InstanceItem['data']['InstanceType']>;
  /** As it is read by DescribeInstanceAttribute, but not in base64; none unless told. */
  userData?: string;
  /** Where the root file system is: with `instance-store` an instance cannot be imaged or stopped. ebs unless told. */
  rootDevice?: 'ebs' | 'instance-store';
}

/** What a fleet lives in, and who has the next address of it. */
export interface FleetNetwork {
  subnetId: string;
  vpcId: string;
  groupId: string;
  addresses: Iterator<string>;
}

const THERE = { findableFrom: 0, listedFrom: 0 };
const ROOT = '/dev/xvda';
const CIDR = '10.128.0.0/16';
const DEFAULT_VOLUMES: readonly SeededVolume[] = [{}, {}];

/** Makes the network of this Region's fleets: one large subnet with a way to the internet. */
export function fleetNetwork(network: NetworkMaker): FleetNetwork {
  const vpcId = network.createVpc({ CidrBlock: CIDR });
  const subnetId = network.createSubnet({ VpcId: vpcId, CidrBlock: CIDR });
  const RouteTableId = network.createRouteTable({ VpcId: vpcId });
  network.associateRouteTable({ RouteTableId, SubnetId: subnetId });
  network.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-0f1ee70000000000' });
  const groupId = network.createSecurityGroup({ VpcId: vpcId, GroupDescription: 'fleet' });
  return { subnetId, vpcId, groupId, addresses: usable(CIDR) };
}

/**
 * Lets instances be there as if they had been for a day, with volumes that are hollow: no call is made, no time passes,
 * nothing lies on this machine. Answers with their ids.
 */
export function seedFleet(ec2: Inventory, network: FleetNetwork, fleet: Fleet): string[] {
  return Array.from({ length: fleet.count }, (_, index) => seedInstance(ec2, network, fleet, index).id);
}

function seedInstance(ec2: Inventory, network: FleetNetwork, fleet: Fleet, index: number): InstanceItem {
  const id = ec2.newId('i');
  const { state = 'running', rootDevice = 'ebs', profile, volumes = DEFAULT_VOLUMES } = fleet;
  const { partition, id: owner, host } = ec2.account;
  const address = network.addresses.next().value;
  if (address === undefined) throw new Error(`no address is left in ${CIDR}`);
  ec2.subnets.get(network.subnetId).addresses.set(address, id);
  const isUp = state === 'running';
  const launched = new Date(ec2.now - 86_400_000);
  const Groups = [{ GroupId: network.groupId, GroupName: 'fleet' }];
  const instance = ec2.instances.add({
    id,
    ...THERE,
    reservationId: ec2.newId('r'),
    userData: fleet.userData && Buffer.from(fleet.userData).toString('base64'),
    terminationProtected: false,
    roleName: profile === undefined ? undefined : ec2.profiles.get(profile),
    up: isUp,
    checked: isUp,
    agent: isUp && profile !== undefined ? 'online' : 'away',
    plans: [],
    billedFrom: isUp ? ec2.now : undefined,
    data: {
      InstanceId: id,
      ImageId: 'ami-0f1ee700000000000',
      InstanceType: fleet.instanceType ?? 't4g.small',
      LaunchTime: launched,
      Placement: { AvailabilityZone: ec2.zone, GroupName: '', Tenancy: 'default' },
      Architecture: 'arm64',
      ...(profile !== undefined && {
        IamInstanceProfile: {
          Arn: `arn:${partition}:iam::${owner}:instance-profile/${profile}`,
          Id: 'AIPAEXAMPLEEXAMPLE000',
        },
      }),
      RootDeviceName: ROOT,
      RootDeviceType: rootDevice,
      SubnetId: network.subnetId,
      VpcId: network.vpcId,
      PrivateIpAddress: address,
      SecurityGroups: Groups,
      BlockDeviceMappings: [],
      Tags: tagsOf(fleet.tags, index),
    },
  });
  setState(instance, state);
  host.addHollow(id);
  volumes.forEach((volume, at) => {
    if (at === 0 && rootDevice === 'instance-store') return;
    const volumeId = ec2.newId('vol');
    host.addHollow(volumeId);
    const { size = 8, type = 'gp3', kmsKeyId } = volume;
    attach(ec2, instance, volumeId, {
      deviceName: at === 0 ? ROOT : `/dev/sd${String.fromCharCode(101 + at)}`,
      snapshotId: undefined,
      size,
      type,
      iops: type === 'gp3' ? 3000 : undefined,
      throughput: type === 'gp3' ? 125 : undefined,
      kmsKeyId: kmsKeyId === undefined ? undefined : keyArn(ec2, kmsKeyId),
      deleteOnTermination: true,
      tags: tagsOf(volume.tags, index),
      visible: THERE,
      since: launched,
    });
  });
  return instance;
}

/** Tags as the API shows them. */
export function tagsOf(tags: SeededTags = {}, index: number): Tag[] {
  const chosen = typeof tags === 'function' ? tags(index) : tags;
  return Object.entries(chosen).map(([Key, Value]) => ({ Key, Value }));
}
