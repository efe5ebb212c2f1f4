import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { leftovers } from '../../../cli/efs/leftovers.ts';
import type { AutoScaling } from '../../../local/account/autoscaling/autoscaling.ts';
import { Simulated } from '../../functions/simulated.ts';

const GROUP = 'backup-drill-test-efs-home';
let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const group = () =>
  simulated.account.service<AutoScaling>('autoscaling', 'eu-west-1').createGroup({
    name: GROUP,
    minSize: 0,
    maxSize: 1,
    desired: 0,
    templateId: 'lt-1',
    subnetIds: [simulated.subnetId],
    tags: [],
  });
const left = () =>
  leftovers((service, operation, input) => simulated.call(service, operation, input), {
    deployment: 'backup-drill-test',
    runsTable: 'runs',
    policy: 'home',
  });

test('nothing is left of a run that has cleaned up, whatever another one holds', async () => {
  group();
  const Item = { id: { S: 'lock#efs-other' }, entry: { S: 'lock' } };
  await simulated.call('dynamodb', 'PutItem', { TableName: 'runs', Item });
  expect(await left()).toEqual([]);
});

test('a lock is left', async () => {
  group();
  const Item = { id: { S: 'lock#efs-home' }, entry: { S: 'lock' } };
  await simulated.call('dynamodb', 'PutItem', { TableName: 'runs', Item });
  expect(await left()).toEqual(['the lock lock#efs-home is left']);
});

test('a group that wants a worker is left', async () => {
  group();
  const AutoScalingGroupName = GROUP;
  await simulated.call('autoscaling', 'SuspendProcesses', {
    AutoScalingGroupName,
    ScalingProcesses: ['Launch'],
  });
  await simulated.call('autoscaling', 'SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: 1 });
  expect(await left()).toEqual([`${GROUP} still wants 1 worker`]);
});

test('a group is missing', async () => {
  expect(await left()).toEqual([`there is no worker group ${GROUP}`]);
});

test('an instance is left', async () => {
  group();
  const instanceId = await simulated.userInstance();
  expect(await left()).toEqual([`the instance ${instanceId} is running`]);
  await simulated.call('ec2', 'TerminateInstances', { InstanceIds: [instanceId] });
  await simulated.pass(300);
  expect(await left()).toEqual([]);
});
