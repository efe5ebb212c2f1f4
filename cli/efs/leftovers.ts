import * as v from 'valibot';
import { efsLock, workerGroup } from '../../shared/efs/names.ts';
import { lockKey } from '../../shared/lock.ts';
import { parsed } from '../../shared/parsed.ts';

/** Calls an operation of the account, with its input and output as AWS's API has them. */
export type Call = (service: string, operation: string, input: object) => Promise<unknown>;

const groups = v.object({
  AutoScalingGroups: v.array(
    v.object({
      AutoScalingGroupName: v.string(),
      DesiredCapacity: v.number(),
      Instances: v.optional(v.array(v.object({ InstanceId: v.string() })), []),
    }),
  ),
});
const instances = v.object({
  Reservations: v.array(
    v.object({
      Instances: v.array(v.object({ InstanceId: v.string(), State: v.object({ Name: v.string() }) })),
    }),
  ),
});
const item = v.object({ Item: v.optional(v.unknown()) });

/** What the runs of a policy have left in the account: its lock, capacity of its worker group, instances. */
export async function leftovers(
  call: Call,
  { deployment, runsTable, policy }: { deployment: string; runsTable: string; policy: string },
): Promise<string[]> {
  const name = workerGroup(deployment, policy);
  const { id, entry } = lockKey(efsLock(policy));
  const Key = { id: { S: id }, entry: { S: entry } };
  const lock = parsed(item, await call('dynamodb', 'GetItem', { TableName: runsTable, Key }));
  const asked = { AutoScalingGroupNames: [name] };
  const found = parsed(groups, await call('autoscaling', 'DescribeAutoScalingGroups', asked));
  const [group] = found.AutoScalingGroups;
  const { Reservations } = parsed(instances, await call('ec2', 'DescribeInstances', {}));
  const alive = Reservations.flatMap(({ Instances }) => Instances).filter(
    ({ State }) => State.Name !== 'terminated',
  );
  return [
    ...(lock.Item === undefined ? [] : [`the lock ${id} is left`]),
    ...(group ? [] : [`there is no worker group ${name}`]),
    ...(group && group.DesiredCapacity > 0 ? [`${name} still wants ${group.DesiredCapacity} worker`] : []),
    ...(group?.Instances ?? []).map(({ InstanceId }) => `${name} still has ${InstanceId}`),
    ...alive.map(({ InstanceId, State }) => `the instance ${InstanceId} is ${State.Name}`),
  ];
}
