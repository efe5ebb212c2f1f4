import type {
  AutoScalingGroupNamesType,
  CompleteLifecycleActionType,
  ScalingProcessQuery,
  SetDesiredCapacityType,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import type { Account } from '../account.ts';
import { type Access, AwsError, type Operation, type Service } from '../service.ts';
import { type Group, type GroupProperties, isLeaving, shown } from './group.ts';
import { Scaling } from './scaling.ts';

/** EC2 Auto Scaling in one Region: groups that launch from a template, with one terminating hook at most. */
export class AutoScaling implements Service {
  readonly operations: Service['operations'];
  readonly #account: Account;
  readonly #region: string;
  readonly #groups = new Map<string, Group>();
  readonly #scaling: Scaling;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
    this.#scaling = new Scaling(account, region);
    this.operations = {
      DescribeAutoScalingGroups: {
        access: () => [{ action: 'autoscaling:DescribeAutoScalingGroups', resource: '*' }],
        run: ({ AutoScalingGroupNames: names = [] }: AutoScalingGroupNamesType) => ({
          AutoScalingGroups: [...this.#groups.values()]
            .filter((group) => names.length === 0 || names.includes(group.name))
            .map(shown),
        }),
      },
      SetDesiredCapacity: this.#onGroup('SetDesiredCapacity', (group, input: SetDesiredCapacityType) => {
        const desired = input.DesiredCapacity ?? 0;
        if (desired > group.maxSize)
          throw invalid(
            `New SetDesiredCapacity value ${desired} is above max value ${group.maxSize} for the AutoScalingGroup.`,
          );
        if (desired < group.minSize)
          throw invalid(
            `New SetDesiredCapacity value ${desired} is below min value ${group.minSize} for the AutoScalingGroup.`,
          );
        group.desired = desired;
        this.#scaling.adjust(group);
        return {};
      }),
      SuspendProcesses: this.#onGroup('SuspendProcesses', (group, input: ScalingProcessQuery) => {
        for (const process of input.ScalingProcesses ?? []) group.suspended.add(process);
        return {};
      }),
      ResumeProcesses: this.#onGroup('ResumeProcesses', (group, input: ScalingProcessQuery) => {
        for (const process of input.ScalingProcesses ?? []) group.suspended.delete(process);
        return {};
      }),
      CompleteLifecycleAction: this.#onGroup(
        'CompleteLifecycleAction',
        (group, input: CompleteLifecycleActionType) => this.#complete(group, input),
      ),
      TerminateInstanceInAutoScalingGroup: {
        access: (input: TerminateInstanceInAutoScalingGroupType) =>
          this.#access('TerminateInstanceInAutoScalingGroup', this.#holding(input.InstanceId).group),
        run: (input: TerminateInstanceInAutoScalingGroupType) => {
          const { group, member } = this.#holding(input.InstanceId);
          if (input.ShouldDecrementDesiredCapacity) group.desired--;
          this.#scaling.remove(group, member);
          this.#scaling.adjust(group);
          return { Activity: { AutoScalingGroupName: group.name, StatusCode: 'InProgress' } };
        },
      },
    };
  }

  /** Makes a group, as CloudFormation does. */
  createGroup(properties: GroupProperties): void {
    const { partition, id, clock, random } = this.#account;
    const uuid = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
    const arn = `arn:${partition}:autoscaling:${this.#region}:${id}:autoScalingGroup:00000000-0000-4000-8000-${uuid}:autoScalingGroupName/${properties.name}`;
    const group: Group = {
      ...properties,
      arn,
      createdAt: new Date(clock.now()),
      members: [],
      suspended: new Set(),
      failures: [],
    };
    this.#groups.set(properties.name, group);
    if (properties.desired > 0) this.#scaling.adjust(group);
  }

  #complete(group: Group, input: CompleteLifecycleActionType): object {
    const { LifecycleHookName, LifecycleActionToken, InstanceId, LifecycleActionResult } = input;
    if (LifecycleHookName !== group.hook?.name)
      throw invalid(`No Lifecycle Hook found with name ${LifecycleHookName}`);
    if (LifecycleActionResult !== 'CONTINUE' && LifecycleActionResult !== 'ABANDON')
      throw invalid('Lifecycle action result must be CONTINUE or ABANDON');
    const member = group.members.find((one) =>
      LifecycleActionToken ? one.token === LifecycleActionToken : one.instanceId === InstanceId,
    );
    if (!member?.proceed) {
      const what = LifecycleActionToken ? `token ${LifecycleActionToken}` : `instance ID ${InstanceId}`;
      throw invalid(`No active Lifecycle Action found with ${what}`);
    }
    member.proceed();
    return {};
  }

  #onGroup<Input extends { AutoScalingGroupName?: string | undefined }>(
    operation: string,
    run: (group: Group, input: Input) => object,
  ): Operation<Input> {
    return {
      access: (input) => this.#access(operation, this.#group(input.AutoScalingGroupName)),
      run: (input) => run(this.#group(input.AutoScalingGroupName), input),
    };
  }

  #group(name: string | undefined): Group {
    const group = this.#groups.get(name ?? '');
    if (!group) throw invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
    return group;
  }

  #holding(instanceId: string | undefined) {
    for (const group of this.#groups.values()) {
      const member = group.members.find((one) => one.instanceId === instanceId && !isLeaving(one));
      if (member) return { group, member };
    }
    throw invalid(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  }

  #access(operation: string, group: Group): Access[] {
    const tags = group.tags.map(({ Key, Value }) => [Key, Value] as const);
    const context = Object.fromEntries(
      tags.flatMap(([key, value]) => [
        [`aws:ResourceTag/${key}`, value],
        [`autoscaling:ResourceTag/${key}`, value],
      ]),
    );
    return [{ action: `autoscaling:${operation}`, resource: group.arn, context }];
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function autoScalingService(account: Account, region: string): AutoScaling {
  return new AutoScaling(account, region);
}
