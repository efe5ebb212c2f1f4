import type { Instance, InstanceStateName, InstanceStatus, Reservation } from '@aws-sdk/client-ec2';
import type { ConditionContext } from '../../service.ts';
import type { Item, Kind } from '../collection.ts';
import type { Inventory } from '../inventory.ts';

export interface InstanceItem extends Item {
  data: Instance;
  readonly reservationId: string;
  /** As given, in base64. */
  readonly userData: string | undefined;
  readonly terminationProtected: boolean;
  /** The role that its profile gives it. */
  readonly roleName: string | undefined;
  /** Whether the guest is up: between a boot and the shutdown after it. */
  up: boolean;
  /** Whether both status checks have passed since the last boot. */
  checked: boolean;
  /** `trying`: the agent runs, but has no right or no path yet. */
  agent: 'away' | 'trying' | 'online';
  /** Cancels what this boot still has before it. */
  plans: (() => void)[];
  /** Since when it is billed, in virtual milliseconds. */
  billedFrom: number | undefined;
}

const CODES: Record<InstanceStateName, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateOf(instance: InstanceItem): InstanceStateName {
  return instance.data.State?.Name ?? 'pending';
}

/** Whether an instance is in one of some states. */
export function isIn(instance: InstanceItem, ...states: InstanceStateName[]): boolean {
  return states.includes(stateOf(instance));
}

export function setState(instance: InstanceItem, Name: InstanceStateName): void {
  instance.data.State = { Name, Code: CODES[Name] };
}

/** Why an instance is in its state. */
export function setReason(instance: InstanceItem, Code: string, words: string): void {
  instance.data.StateReason = { Code, Message: `${Code}: ${words}` };
}

/** Ids of the attached volumes, the root's first. */
export function volumesOf({ data }: InstanceItem): string[] {
  const mappings = data.BlockDeviceMappings ?? [];
  const roots = mappings.filter((mapping) => mapping.DeviceName === data.RootDeviceName);
  return [...new Set([...roots, ...mappings])].flatMap((mapping) => mapping.Ebs?.VolumeId ?? []);
}

/** Instances as the API shows them, by the call that launched them. */
export function reservations(ec2: Inventory, instances: readonly InstanceItem[]): Reservation[] {
  const byLaunch = Map.groupBy(instances, (instance) => instance.reservationId);
  return [...byLaunch].map(([ReservationId, together]) => ({
    ReservationId,
    OwnerId: ec2.account.id,
    Instances: together.map((instance) => instance.data),
  }));
}

/** The status checks of an instance, as the API shows them. */
export function statusOf(instance: InstanceItem): InstanceStatus {
  const passed = instance.checked ? 'ok' : 'initializing';
  const summary = { Status: isIn(instance, 'running') ? passed : 'not-applicable' } as const;
  return {
    InstanceId: instance.id,
    InstanceState: instance.data.State,
    InstanceStatus: summary,
    SystemStatus: summary,
  };
}

/** Condition keys that an instance has, or will have, by what it was or is launched with. */
export function instanceContext(data: Instance): ConditionContext {
  return {
    'ec2:InstanceType': data.InstanceType ?? '',
    'ec2:AvailabilityZone': data.Placement?.AvailabilityZone ?? '',
    'ec2:RootDeviceType': data.RootDeviceType ?? 'ebs',
    'ec2:Tenancy': 'default',
    'ec2:MetadataHttpTokens': data.MetadataOptions?.HttpTokens ?? '',
    ...(data.IamInstanceProfile && { 'ec2:InstanceProfile': data.IamInstanceProfile.Arn ?? '' }),
  };
}

export const instanceKind: Kind<InstanceItem> = {
  prefix: 'i',
  type: 'instance',
  words: 'instance ID',
  notFound: 'InvalidInstanceID.NotFound',
  malformed: 'InvalidInstanceID.Malformed',
  fields: {
    'instance-id': (instance) => [instance.InstanceId],
    'instance-state-name': (instance) => [instance.State?.Name],
    'instance-type': (instance) => [instance.InstanceType],
    'image-id': (instance) => [instance.ImageId],
    'subnet-id': (instance) => [instance.SubnetId],
    'vpc-id': (instance) => [instance.VpcId],
    'client-token': (instance) => [instance.ClientToken],
  },
  context: ({ id, data }) => ({ 'ec2:InstanceID': id, ...instanceContext(data) }),
};
