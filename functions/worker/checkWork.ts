import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { commandResult, outcomeOf } from '../../shared/commandOutcome.ts';
import { describeGroup, workerOf } from '../../shared/efs/workers.ts';
import { WorkerLost } from '../../shared/errors.ts';
import { findInstance } from '../../shared/instanceFacts.ts';
import { instant } from '../../shared/instant.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks at a command on a worker, and whether the worker is still there: Systems Manager would wait for one that is not
 * until the command's time is over. @throws WorkerLost; CommandFailed; ResourceFailed when it is not done within the limit
 */
export const checkWork = task({
  name: 'CheckWork',
  input: v.object({
    group: v.string(),
    instanceId,
    commandId: v.string(),
    step: v.string(),
    /** ISO 8601: from then on it should stop. */
    stopAt: instant,
    ...lookInput,
  }),
  output: v.object({ ...lookOutput, overdue: v.boolean(), result: v.optional(commandResult) }),
  aws: (settings) => ({
    autoScaling: new AutoScalingClient(settings),
    ec2: new EC2Client(settings),
    ssm: new SSMClient(settings),
  }),
  run: async ({ group, instanceId, commandId, step, stopAt, since, limitSeconds }, { aws, now }) => {
    const request = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId });
    const invocation = await unlessNotFound(aws.ssm.send(request), 'InvocationDoesNotExist');
    const state = (await findInstance(aws.ec2, instanceId))?.State?.Name ?? 'gone';
    const worker = workerOf(await describeGroup(aws.autoScaling, group));
    const result = invocation?.Status === 'Success' ? outcomeOf(invocation, step) : undefined;
    // What has succeeded is done, whatever became of the worker since.
    if (!result && state !== 'running') throw new WorkerLost(`${step}: the worker ${instanceId} is ${state}`);
    if (!result && worker?.InstanceId !== instanceId)
      throw new WorkerLost(`${step}: the worker ${instanceId} is being taken out of ${group}`);
    if (invocation && !result) outcomeOf(invocation, step);
    const timing = { since, limitSeconds, now: now() };
    const looked = look(result !== undefined, [`${commandId}:finished`], timing);
    return { ...looked, overdue: timing.now.getTime() >= Date.parse(stopAt), result };
  },
});
