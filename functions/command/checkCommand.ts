import { GetCommandInvocationCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { commandResult, outcomeOf } from '../../shared/commandOutcome.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks whether a command has finished. @throws CommandFailed when it failed, with the last lines of its standard
 * error; ResourceFailed when it is not done within the limit.
 */
export const checkCommand = task({
  name: 'CheckCommand',
  input: v.object({
    commandId: v.string(),
    instanceId,
    step: v.string(),
    plain: v.optional(v.boolean(), false),
    ...lookInput,
  }),
  output: v.object({
    ...lookOutput,
    /** The document's last line, once it is ready. */
    result: v.optional(commandResult),
    /** ISO 8601, by the instance's agent. */
    startedAt: v.optional(v.string()),
    finishedAt: v.optional(v.string()),
  }),
  aws: (settings) => ({ ssm: new SSMClient(settings) }),
  run: async ({ commandId, instanceId, step, plain, since, limitSeconds }, { aws, now }) => {
    const invocation = await unlessNotFound(
      aws.ssm.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId })),
      'InvocationDoesNotExist',
    );
    const result = invocation && outcomeOf(invocation, step, plain);
    const timing = { since, limitSeconds, now: now() };
    const looked = look(result !== undefined, [`${commandId}:finished`], timing);
    if (result === undefined) return looked;
    return {
      ...looked,
      result,
      startedAt: invocation?.ExecutionStartDateTime,
      finishedAt: invocation?.ExecutionEndDateTime,
    };
  },
});
