import type { Span } from '../../physics.ts';
import type { Principal } from '../../service.ts';
import type { Inventory } from '../inventory.ts';
import { mayUseKeys } from '../keys.ts';
import { releaseAddresses } from '../network/network.ts';
import { mayReport, reaches } from '../network/reach.ts';
import { removeVolume } from '../volumes/deleteVolume.ts';
import { type InstanceItem, isIn, setReason, setState, volumesOf } from './instance.ts';

/** A terminated instance is shown for about an hour. */
const SHOWN_AFTER_TERMINATION = 3_600_000;

/** Brings an instance that is `pending` up; without the right to its volumes' keys it falls back to `otherwise`. */
export function bringUp(
  ec2: Inventory,
  instance: InstanceItem,
  launcher: Principal,
  otherwise: 'stopped' | 'terminated',
): void {
  const allowed = mayUseKeys(ec2, launcher, volumesOf(instance), otherwise === 'terminated');
  plan(ec2, instance, ec2.account.physics.instanceRunning, async () => {
    if (allowed) {
      await boot(ec2, instance);
      if (!isIn(instance, 'pending')) return;
      setState(instance, 'running');
      instance.billedFrom = ec2.now;
      ec2.note(instance.id, 'running');
      return;
    }
    setReason(instance, 'Client.InternalError', 'Client error on launch');
    if (otherwise === 'stopped') beStopped(ec2, instance);
    else await beTerminated(ec2, instance);
  });
}

/** Boots the guest now; its status checks and its agent follow. */
export async function boot(ec2: Inventory, instance: InstanceItem): Promise<void> {
  const [rootVolumeId = '', ...others] = volumesOf(instance);
  const volumeIds = [rootVolumeId, ...others];
  const userData = instance.userData && Buffer.from(instance.userData, 'base64').toString('utf8');
  const fileSystems = ec2.fileSystemsFor(instance.data.VpcId, instance.data.Placement?.AvailabilityZone);
  await ec2.account.host.boot({
    instanceId: instance.id,
    rootVolumeId,
    volumeIds,
    ...(userData && { userData }),
    ...(fileSystems.length > 0 && { fileSystems }),
  });
  instance.up = true;
  plan(ec2, instance, ec2.account.physics.statusOk, () => {
    instance.checked = true;
    ec2.note(instance.id, 'status-ok');
  });
  plan(ec2, instance, ec2.account.physics.agentOnline, () => callHome(ec2, instance));
}

/** The guest begins to go down: the agent and the status checks are away until it has booted again. */
export function goAway(instance: InstanceItem): void {
  for (const cancel of instance.plans.splice(0)) cancel();
  instance.agent = 'away';
  instance.checked = false;
}

/** The guest is down. */
export async function shutDown(ec2: Inventory, instance: InstanceItem): Promise<void> {
  if (instance.up) await ec2.account.host.shutdown(instance.id);
  instance.up = false;
}

/** Begins to stop a running instance. */
export function stop(ec2: Inventory, instance: InstanceItem): void {
  goAway(instance);
  setState(instance, 'stopping');
  setReason(instance, 'Client.UserInitiatedShutdown', 'User initiated shutdown');
  plan(ec2, instance, ec2.account.physics.instanceStopped, async () => {
    await shutDown(ec2, instance);
    beStopped(ec2, instance);
  });
}

/** Begins to terminate an instance in any state. */
export function terminate(ec2: Inventory, instance: InstanceItem): void {
  goAway(instance);
  setState(instance, 'shutting-down');
  setReason(instance, 'Client.UserInitiatedShutdown', 'User initiated shutdown');
  plan(ec2, instance, ec2.account.physics.instanceTerminated, () => beTerminated(ec2, instance));
}

/** Lets agents that had no path try again, since the network has changed. */
export function letAgentsRetry(ec2: Inventory): void {
  for (const instance of ec2.instances.all())
    if (instance.agent === 'trying')
      plan(ec2, instance, ec2.account.physics.agentOnline, () => callHome(ec2, instance));
}

/** Whether the agent of an instance is in touch with Systems Manager at this moment. */
export function isOnline(ec2: Inventory, instance: InstanceItem): boolean {
  return instance.agent === 'online' && reaches(ec2, instance, 'ssm') && mayReport(ec2, instance);
}

function callHome(ec2: Inventory, instance: InstanceItem): void {
  if (instance.agent === 'online') return;
  const heard = reaches(ec2, instance, 'ssm') && mayReport(ec2, instance);
  instance.agent = heard ? 'online' : 'trying';
  if (heard) ec2.note(instance.id, 'online');
}

function beStopped(ec2: Inventory, instance: InstanceItem): void {
  setState(instance, 'stopped');
  bill(ec2, instance);
  ec2.note(instance.id, 'stopped');
}

async function beTerminated(ec2: Inventory, instance: InstanceItem): Promise<void> {
  goAway(instance);
  await shutDown(ec2, instance);
  for (const { Ebs } of instance.data.BlockDeviceMappings ?? []) {
    const volume = ec2.volumes.peek(Ebs?.VolumeId);
    if (!volume) continue;
    ec2.volumes.change(volume, (data) => {
      data.Attachments = [];
      data.State = 'available';
    });
    if (Ebs?.DeleteOnTermination) await removeVolume(ec2, volume);
  }
  releaseAddresses(ec2, instance.id);
  const { data } = instance;
  for (const gone of ['SubnetId', 'VpcId', 'PrivateIpAddress', 'IamInstanceProfile'] as const)
    delete data[gone];
  data.BlockDeviceMappings = [];
  data.NetworkInterfaces = [];
  data.SecurityGroups = [];
  setState(instance, 'terminated');
  instance.goneFrom = ec2.now + SHOWN_AFTER_TERMINATION;
  bill(ec2, instance);
  ec2.note(instance.id, 'terminated');
}

/** Per second, a minute at least. */
function bill(ec2: Inventory, instance: InstanceItem): void {
  if (instance.billedFrom === undefined) return;
  ec2.account.meter.add('ec2:hour', Math.max(60_000, ec2.now - instance.billedFrom) / 3_600_000);
  instance.billedFrom = undefined;
}

/** Something that this boot has before it, unless the instance goes down first. */
function plan(ec2: Inventory, instance: InstanceItem, span: Span, action: () => unknown): void {
  instance.plans.push(ec2.at(ec2.moment(span), action));
}
