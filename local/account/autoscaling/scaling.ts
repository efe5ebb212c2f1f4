import type { Reservation } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import type { Events } from '../events/events.ts';
import { milliseconds, type Span } from '../physics.ts';
import { AwsError, type Principal } from '../service.ts';
import { type Group, isLeaving, type Member } from './group.ts';

/** Seconds from a change of the desired capacity to the group acting on it. */
const REACTION: Span = [1, 5];
/** Seconds between two looks at the health of a group's instances. */
const HEALTH_CHECK = 60;

/** What a group does by itself: launches, puts in service, replaces, lets hooks hold an instance back, terminates. */
export class Scaling {
  readonly #account: Account;
  readonly #region: string;
  readonly #watched = new Set<Group>();

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
  }

  /** Brings a group to its desired capacity, a moment from now. */
  adjust(group: Group): void {
    const { clock, random } = this.#account;
    clock.after(milliseconds(REACTION, random), () => this.#act(group));
  }

  /** Begins to take an instance out of a group, whether or not it still runs. */
  remove(group: Group, member: Member): void {
    if (isLeaving(member)) return;
    const { hook } = group;
    if (!hook) {
      this.#terminate(group, member);
      return;
    }
    const { clock, random } = this.#account;
    member.state = 'Terminating:Wait';
    member.token = `00000000-0000-4000-8000-${Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0')}`;
    const giveUp = clock.after(hook.heartbeatSeconds * 1000, () => member.proceed?.());
    member.proceed = () => {
      giveUp();
      delete member.proceed;
      this.#terminate(group, member);
    };
    this.#account.service<Events>('events', this.#region).emit({
      source: 'aws.autoscaling',
      'detail-type': 'EC2 Instance-terminate Lifecycle Action',
      resources: [group.arn],
      detail: {
        LifecycleActionToken: member.token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: member.instanceId,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        Origin: 'AutoScalingGroup',
        Destination: 'EC2',
      },
    });
  }

  async #act(group: Group): Promise<void> {
    const staying = group.members.filter((member) => !isLeaving(member));
    if (staying.length > group.desired && !group.suspended.has('Terminate')) {
      // Those that are not well go first, then the oldest.
      const order = [...staying].sort((a, b) => Number(a.healthy) - Number(b.healthy));
      for (const member of order.slice(0, staying.length - group.desired)) this.remove(group, member);
    }
    for (let count = staying.length; count < group.desired && !group.suspended.has('Launch'); count++)
      await this.#launch(group);
    this.#watch(group);
  }

  async #launch(group: Group): Promise<void> {
    const { ec2 } = this;
    const subnet = group.subnetIds[Math.floor(this.#account.random() * group.subnetIds.length)] ?? '';
    const tags = group.tags.filter((tag) => tag.PropagateAtLaunch);
    try {
      const request = ec2.launchTemplates.request(group.templateId, subnet, tags);
      const launched = await this.#account.call({
        principal: this.#serviceRole,
        region: this.#region,
        service: 'ec2',
        operation: 'RunInstances',
        input: request,
      });
      const [instance] = (launched as Reservation).Instances ?? [];
      const instanceId = instance?.InstanceId ?? '';
      ec2.tagAsAws(instanceId, 'aws:autoscaling:groupName', group.name);
      const zone = instance?.Placement?.AvailabilityZone ?? '';
      group.members.push({ instanceId, state: 'Pending', healthy: true, zone });
      this.#awaitService(group, instanceId);
    } catch (error) {
      // A launch that fails is tried again for as long as it is wanted.
      group.failures.push(`${error instanceof Error ? error.message : error}`);
      if (!(error instanceof AwsError)) throw error;
      this.#account.clock.after(HEALTH_CHECK * 1000, () => this.#act(group));
    }
  }

  /** An instance is in service as soon as it runs. */
  #awaitService(group: Group, instanceId: string): void {
    const member = group.members.find((one) => one.instanceId === instanceId);
    if (member?.state !== 'Pending') return;
    const state = this.ec2.stateOf(instanceId);
    if (state === 'running') member.state = 'InService';
    else if (state !== 'pending') this.remove(group, member);
    else this.#account.clock.after(1000, () => this.#awaitService(group, instanceId));
  }

  /** Looks after the health of a group for as long as it has instances. */
  #watch(group: Group): void {
    if (this.#watched.has(group)) return;
    this.#watched.add(group);
    const look = async () => {
      for (const member of group.members)
        if (member.state === 'InService' && this.ec2.stateOf(member.instanceId) !== 'running')
          member.healthy = false;
      const sick = group.members.filter((member) => !member.healthy && !isLeaving(member));
      if (!group.suspended.has('ReplaceUnhealthy')) for (const member of sick) this.remove(group, member);
      const staying = group.members.filter((member) => !isLeaving(member)).length;
      if (staying !== group.desired) await this.#act(group);
      if (group.members.length > 0) this.#account.clock.after(HEALTH_CHECK * 1000, look);
      else this.#watched.delete(group);
    };
    this.#account.clock.after(HEALTH_CHECK * 1000, look);
  }

  #terminate(group: Group, member: Member): void {
    member.state = 'Terminating:Proceed';
    const { clock } = this.#account;
    const gone = () => {
      const state = this.ec2.stateOf(member.instanceId);
      if (state !== undefined && state !== 'terminated') {
        clock.after(1000, gone);
        return;
      }
      group.members = group.members.filter((one) => one !== member);
      this.adjust(group);
    };
    const end = async () => {
      await this.#account
        .call({
          principal: this.#serviceRole,
          region: this.#region,
          service: 'ec2',
          operation: 'TerminateInstances',
          input: { InstanceIds: [member.instanceId] },
        })
        .catch((error) => {
          if (!(error instanceof AwsError)) throw error; // it is gone from EC2 already
        });
      gone();
    };
    clock.after(0, end);
  }

  private get ec2(): Ec2Service {
    return this.#account.service<Ec2Service>('ec2', this.#region);
  }

  /** The service-linked role that Auto Scaling acts with: AWS's own, so that it may do all of this. */
  get #serviceRole(): Principal {
    const { partition, id } = this.#account;
    return { arn: `arn:${partition}:sts::${id}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling` };
  }
}
