import {
  AutoScalingClient,
  type AutoScalingGroup,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AutoScaling } from '../../../../local/account/autoscaling/autoscaling.ts';
import type { Events } from '../../../../local/account/events/events.ts';
import type { StatesService } from '../../../../local/account/states/states.ts';
import { Simulated } from '../../../functions/simulated.ts';

const REGION = 'eu-west-1';
const UBUNTU = '/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id';
const AutoScalingGroupName = 'workers';

let simulated: Simulated;
let client: AutoScalingClient;
beforeEach(async () => {
  simulated = await Simulated.start();
  client = new AutoScalingClient(simulated.settings);
  const { account, ec2, subnetId, groupId } = simulated;
  const template = ec2.launchTemplates.create({
    ImageId: `resolve:ssm:${UBUNTU}`,
    InstanceType: 't4g.small',
    SecurityGroupIds: [groupId],
    MetadataOptions: { HttpTokens: 'required' },
  });
  account.service<AutoScaling>('autoscaling', REGION).createGroup({
    name: AutoScalingGroupName,
    minSize: 0,
    maxSize: 1,
    desired: 0,
    templateId: template,
    subnetIds: [subnetId],
    hook: { name: 'cleanup', heartbeatSeconds: 600, defaultResult: 'CONTINUE' },
    tags: [{ Key: 'owner', Value: 'test', PropagateAtLaunch: true }],
  });
  const states = account.service<StatesService>('states', REGION);
  const machineArn = states.createStateMachine({
    name: 'hears',
    roleName: 'hears',
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Heard',
      States: { Heard: { Type: 'Succeed', Output: '{% $states.input %}' } },
    },
  });
  account.service<Events>('events', REGION).putRule({
    name: 'terminating',
    pattern: {
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance-terminate Lifecycle Action'],
      detail: { AutoScalingGroupName: [{ prefix: 'work' }] },
    },
    targets: [{ machineArn, roleName: 'events', retries: 0 }],
  });
});
afterEach(async () => await simulated.close());

async function group(): Promise<AutoScalingGroup> {
  const answer = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
  );
  const [found] = answer.AutoScalingGroups ?? [];
  if (!found) throw new Error('there is no group');
  return found;
}
const members = async () =>
  (await group()).Instances?.map(({ LifecycleState, HealthStatus }) => `${LifecycleState} ${HealthStatus}`);
const scale = (DesiredCapacity: number) =>
  client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));

/** Scales out and answers with the instance in service. */
async function inService(): Promise<string> {
  await scale(1);
  await simulated.pass(60);
  const [instance] = (await group()).Instances ?? [];
  expect(instance?.LifecycleState).toBe('InService');
  return instance?.InstanceId ?? '';
}

/** What the machine behind the rule has heard of terminations, in the order of the events. */
async function heard(): Promise<{ EC2InstanceId: string; LifecycleActionToken: string }[]> {
  const { executions } = await simulated.call('states', 'ListExecutions', {
    stateMachineArn: `arn:aws:states:${REGION}:123456789012:stateMachine:hears`,
  });
  const details = [];
  for (const { executionArn } of executions.reverse()) {
    const { output } = await simulated.call('states', 'DescribeExecution', { executionArn });
    details.push(JSON.parse(output).detail);
  }
  return details;
}

describe('a group', () => {
  test('launches from its template, tags what it launches, and shows it in service once it runs', async () => {
    const id = await inService();
    const instance = await simulated.instance(id);
    expect(instance.State.Name).toBe('running');
    expect(instance.MetadataOptions.HttpTokens).toBe('required');
    expect(instance.Tags).toEqual([
      { Key: 'owner', Value: 'test' },
      { Key: 'aws:autoscaling:groupName', Value: AutoScalingGroupName },
    ]);
  });

  test('takes no more than its maximum', async () => {
    await expect(scale(2)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('above max value 1'),
    });
  });

  test('holds an instance back until its hook is completed, and then terminates it', async () => {
    const id = await inService();
    await scale(0);
    await simulated.pass(30);
    expect(await members()).toEqual(['Terminating:Wait Healthy']);
    expect((await simulated.instance(id)).State.Name).toBe('running');
    const [event] = await heard();
    expect(event).toMatchObject({ EC2InstanceId: id, LifecycleHookName: 'cleanup' });
    const complete = new CompleteLifecycleActionCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'cleanup',
      LifecycleActionToken: event?.LifecycleActionToken,
      LifecycleActionResult: 'CONTINUE',
    });
    await client.send(complete);
    await simulated.pass(120);
    expect(await members()).toEqual([]);
    expect((await simulated.instance(id)).State.Name).toBe('terminated');
    await expect(client.send(complete)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(/^No active Lifecycle Action found with token /),
    });
  });

  test('lets an instance go when nobody completes its hook within the heartbeat', async () => {
    await inService();
    await scale(0);
    await simulated.pass(590);
    expect(await members()).toEqual(['Terminating:Wait Healthy']);
    await simulated.pass(120);
    expect(await members()).toEqual([]);
  });

  test('notices an instance that somebody terminated, tells its hook of a host that is gone, and replaces it', async () => {
    const id = await inService();
    await simulated.call('ec2', 'TerminateInstances', { InstanceIds: [id] });
    await simulated.pass(180);
    expect(await members()).toEqual(['Terminating:Wait Unhealthy', 'InService Healthy']);
    expect((await heard()).map((event) => event.EC2InstanceId)).toEqual([id]);
  });

  test('keeps an instance that somebody terminated while it may not replace it, until it is scaled in', async () => {
    await client.send(
      new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['ReplaceUnhealthy'] }),
    );
    const id = await inService();
    await simulated.call('ec2', 'TerminateInstances', { InstanceIds: [id] });
    await simulated.pass(600);
    expect(await members()).toEqual(['InService Unhealthy']);
    expect(await heard()).toEqual([]);
    await scale(0);
    await simulated.pass(30);
    expect((await heard()).map((event) => event.EC2InstanceId)).toEqual([id]);
    await client.send(
      new ResumeProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['ReplaceUnhealthy'] }),
    );
    expect((await group()).SuspendedProcesses).toEqual([]);
  });

  test('terminates one of its own by name, and launches another unless told to be smaller', async () => {
    const first = await inService();
    await client.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: first,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
    await simulated.pass(60);
    expect(await members()).toEqual(['Terminating:Wait Healthy', 'InService Healthy']);
    const second = (await group()).Instances?.[1]?.InstanceId;
    await client.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: second,
        ShouldDecrementDesiredCapacity: true,
      }),
    );
    await simulated.pass(700);
    expect(await group()).toMatchObject({ DesiredCapacity: 0, Instances: [] });
  });
});
