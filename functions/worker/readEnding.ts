import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { isOnline } from '../../shared/agent.ts';
import { efsRun } from '../../shared/efs/efsRun.ts';
import { efsLock, folderOf, logsKey, policyOfGroup, runIdOf, workerGroup } from '../../shared/efs/names.ts';
import { readEfsPolicy, startByPolicy } from '../../shared/efs/policyOfRun.ts';
import { findInstance } from '../../shared/instanceFacts.ts';
import { lockKey } from '../../shared/lock.ts';
import { parsed } from '../../shared/parsed.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** EC2 Auto Scaling holds a worker back before it terminates it. */
const workerEvent = v.object({
  source: v.literal('aws.autoscaling'),
  detail: v.object({
    AutoScalingGroupName: v.string(),
    LifecycleHookName: v.string(),
    LifecycleActionToken: v.string(),
    EC2InstanceId: instanceId,
  }),
});

/** Step Functions tells of a run that ended otherwise than well. */
const runEvent = v.object({
  source: v.literal('aws.states'),
  detail: v.object({
    executionArn: v.string(),
    stateMachineArn: v.string(),
    name: v.string(),
    status: v.string(),
    startDate: v.number(),
    input: v.string(),
  }),
});

/**
 * Reads what has ended, a worker or a run, and what there is to do: whether the worker can still be asked, and whether
 * the run still holds the lock.
 */
export const readEnding = task({
  name: 'worker-cleanup',
  input: v.variant('source', [workerEvent, runEvent]),
  output: v.object({
    ended: v.picklist(['worker', 'run']),
    policy: v.string(),
    group: v.string(),
    lock: v.string(),
    /** The run that holds the lock, or that has ended; empty when nobody holds it. */
    runId: v.string(),
    logsKey: v.string(),
    /** Of a worker: whether it can be sent a command. */
    alive: v.boolean(),
    instanceId: v.optional(v.string()),
    folder: v.optional(v.string()),
    hook: v.optional(v.string()),
    token: v.optional(v.string()),
    /** Of a run: whether it has left its lock, and with it perhaps its worker. */
    holdsLock: v.boolean(),
    status: v.optional(v.string()),
    operation: v.optional(v.picklist(['backup', 'restore'])),
    run: v.optional(efsRun),
  }),
  aws: (settings) => ({
    autoScaling: new AutoScalingClient(settings),
    dynamodb: new DynamoDBClient(settings),
    ec2: new EC2Client(settings),
    ssm: new SSMClient(settings),
  }),
  run: async (event, { aws, config }) => {
    const policy =
      event.source === 'aws.states'
        ? parsed(v.object({ policy: v.string() }), JSON.parse(event.detail.input)).policy
        : policyOfGroup(config.deployment, event.detail.AutoScalingGroupName);
    const { Item } = await aws.dynamodb.send(
      new GetItemCommand({
        TableName: config.runsTable,
        Key: marshall(lockKey(efsLock(policy))),
        ConsistentRead: true,
      }),
    );
    const holder = Item ? String(unmarshall(Item).runId) : '';
    const common = { policy, group: workerGroup(config.deployment, policy), lock: efsLock(policy) };
    if (event.source === 'aws.states') {
      const { name: executionName, status, executionArn, startDate, stateMachineArn } = event.detail;
      const runId = runIdOf(executionName);
      const ended = { ended: 'run' as const, ...common, runId, status, logsKey: logsKey(policy, runId) };
      if (holder !== runId) return { ...ended, alive: false, holdsLock: false };
      const startedAt = new Date(startDate).toISOString();
      const execution = { executionName, executionArn, startedAt };
      const operation = stateMachineArn.endsWith('-efs-restore') ? ('restore' as const) : ('backup' as const);
      const { run } = await startByPolicy(aws, policy, execution, config);
      return { ...ended, alive: false, holdsLock: true, operation, run };
    }
    const { EC2InstanceId: instanceId, LifecycleHookName: hook, LifecycleActionToken: token } = event.detail;
    const running = (await findInstance(aws.ec2, instanceId))?.State?.Name === 'running';
    const alive = running && (await isOnline(aws.ssm, instanceId));
    const { prefix } = await readEfsPolicy(aws.ssm, policy, config);
    const folder = folderOf(prefix, policy);
    const ended = { ended: 'worker' as const, ...common, runId: holder, folder, holdsLock: false };
    return { ...ended, logsKey: logsKey(policy, holder || instanceId), alive, instanceId, hook, token };
  },
});
