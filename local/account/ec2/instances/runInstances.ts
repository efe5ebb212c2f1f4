import type { Instance, Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Access, Operation, Principal } from '../../service.ts';
import { coming, existing, taggingAtCreation, tagsFor } from '../access.ts';
import { copyOf } from '../copy.ts';
import { noCapacity, otherRequest } from '../errors.ts';
import { isOwn } from '../images/image.ts';
import type { Inventory } from '../inventory.ts';
import { takeAddress } from '../network/network.ts';
import { attachNew, volumeContext } from './attachNew.ts';
import { type InstanceItem, instanceContext, reservations, setState } from './instance.ts';
import { type LaunchPlan, planLaunch } from './launchPlan.ts';
import { bringUp } from './lifecycle.ts';

/** RunInstances: from an image of ours or a public one; the same client token gives the same instances again. */
export function runInstances(ec2: Inventory): Operation<RunInstancesRequest> {
  return {
    access: (input) => accessOf(ec2, input, planLaunch(ec2, input)),
    run: async (input, call) => {
      const { ClientToken } = input;
      const request = JSON.stringify(input);
      const earlier = ec2.clientTokens.get(ClientToken ?? '');
      if (earlier && earlier.request !== request) throw otherRequest();
      if (earlier)
        return launched(
          ec2,
          earlier.ids.flatMap((id) => ec2.instances.peek(id) ?? []),
        );
      const instances = await launch(ec2, input, call.principal);
      const ids = instances.map((instance) => instance.id);
      if (ClientToken) ec2.clientTokens.set(ClientToken, { request, ids });
      return launched(ec2, instances);
    },
  };
}

/** What the call answers. */
function launched(ec2: Inventory, instances: InstanceItem[]): Reservation | undefined {
  return copyOf(reservations(ec2, instances)[0]);
}

async function launch(
  ec2: Inventory,
  input: RunInstancesRequest,
  launcher: Principal,
): Promise<InstanceItem[]> {
  const plan = planLaunch(ec2, input);
  if (ec2.withoutCapacity.has(plan.instanceType)) throw noCapacity(plan.instanceType, ec2.zone);
  await plan.image.ready;
  const reservationId = ec2.newId('r');
  const instances: InstanceItem[] = [];
  for (let index = 0; index < plan.count; index++) {
    const id = ec2.newId('i');
    const address = takeAddress(plan.subnet, id, plan.privateIp);
    const instance = ec2.instances.add({
      id,
      ...ec2.visibility(),
      data: dataOf(ec2, input, plan),
      reservationId,
      userData: input.UserData,
      terminationProtected: input.DisableApiTermination ?? false,
      roleName: plan.profile?.roleName,
      up: false,
      checked: false,
      agent: 'away',
      plans: [],
      billedFrom: undefined,
    });
    Object.assign(instance.data, { InstanceId: id, AmiLaunchIndex: index, ...cardOf(ec2, plan, address) });
    setState(instance, 'pending');
    await attachNew(ec2, instance, plan.volumes, tagsFor('volume', input.TagSpecifications));
    bringUp(ec2, instance, launcher, 'terminated');
    instances.push(instance);
  }
  if (isOwn(ec2, plan.image) && ec2.account.host.corrupt?.kind === 'volume')
    ec2.account.host.corrupt = undefined; // done, once
  return instances;
}

function dataOf(ec2: Inventory, input: RunInstancesRequest, plan: LaunchPlan): Instance {
  const { MetadataOptions: metadata } = input;
  return {
    ImageId: plan.image.id,
    InstanceType: plan.instanceType,
    LaunchTime: new Date(ec2.now),
    Placement: { AvailabilityZone: ec2.zone, GroupName: '', Tenancy: 'default' },
    Architecture: plan.image.data.Architecture,
    ClientToken: input.ClientToken ?? '',
    EbsOptimized: input.EbsOptimized ?? false,
    ...(plan.profile && { IamInstanceProfile: { Arn: plan.profile.arn, Id: 'AIPAEXAMPLEEXAMPLE000' } }),
    RootDeviceName: plan.image.data.RootDeviceName,
    RootDeviceType: 'ebs',
    MetadataOptions: {
      HttpTokens: metadata?.HttpTokens ?? 'optional',
      HttpPutResponseHopLimit: metadata?.HttpPutResponseHopLimit ?? 1,
      HttpEndpoint: metadata?.HttpEndpoint ?? 'enabled',
      InstanceMetadataTags: metadata?.InstanceMetadataTags ?? 'disabled',
    },
    BlockDeviceMappings: [],
    Tags: tagsFor('instance', input.TagSpecifications),
  };
}

/** The one network interface, and what the instance says of it. */
function cardOf(ec2: Inventory, plan: LaunchPlan, address: string): Instance {
  const { SubnetId, VpcId } = plan.subnet.data;
  const Groups = plan.groups.map(({ id, data }) => ({ GroupId: id, GroupName: data.GroupName }));
  const card = {
    NetworkInterfaceId: ec2.newId('eni'),
    SubnetId,
    VpcId,
    Groups,
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
    Status: 'in-use' as const,
  };
  return {
    SubnetId,
    VpcId,
    PrivateIpAddress: address,
    SecurityGroups: Groups,
    NetworkInterfaces: [card],
  };
}

/** A snapshot is asked about only when the request itself names it; those that an image names come with the image. */
function accessOf(ec2: Inventory, input: RunInstancesRequest, plan: LaunchPlan): Access[] {
  const { TagSpecifications: tags } = input;
  const named = (input.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []);
  const action = 'RunInstances';
  return [
    ...existing(ec2, action, ec2.images, [plan.image]),
    coming(ec2, action, 'instance', tags, instanceContext(dataOf(ec2, input, plan))),
    ...plan.volumes.map((volume) => coming(ec2, action, 'volume', tags, volumeContext(ec2, volume))),
    coming(ec2, action, 'network-interface', tags, {
      'ec2:Subnet': ec2.arn('subnet', plan.subnet.id),
      'ec2:Vpc': ec2.arn('vpc', plan.subnet.data.VpcId ?? ''),
      'ec2:AvailabilityZone': ec2.zone,
    }),
    ...existing(ec2, action, ec2.subnets, [plan.subnet]),
    ...existing(ec2, action, ec2.groups, plan.groups),
    ...existing(ec2, action, ec2.snapshots, ec2.snapshots.find(named)),
    ...passRole(ec2, plan),
    ...taggingAtCreation(ec2, action, tags),
  ];
}

function passRole(ec2: Inventory, { profile }: LaunchPlan): Access[] {
  if (!profile) return [];
  const { partition, id } = ec2.account;
  return [
    {
      action: 'iam:PassRole',
      resource: `arn:${partition}:iam::${id}:role/${profile.roleName}`,
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    },
  ];
}
