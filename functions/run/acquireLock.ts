import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { DEFAULT_LEASE, takeLock } from '../../shared/lock.ts';
import { task } from '../../shared/task.ts';

/**
 * Takes the lock of a resource for a run, so that two runs never overlap on it. Taking it again prolongs it; one that
 * ran out, or whose execution has ended without giving it back, is taken over. @throws ResourceBusy naming the run that holds it, and until when.
 */
export const acquireLock = task({
  name: 'AcquireLock',
  input: v.object({
    runId: v.string(),
    resource: v.string(),
    leaseSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), DEFAULT_LEASE),
    /** Whose end frees the lock, given back or not. */
    executionArn: v.optional(v.string()),
  }),
  output: v.object({
    resource: v.string(),
    runId: v.string(),
    lockedAt: v.string(),
    lockedUntil: v.string(),
  }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings), sfn: new SFNClient(settings) }),
  run: async ({ runId, resource, leaseSeconds, executionArn }, { aws, now, config }) => {
    const at = now();
    const hasEnded = async (arn: string) => {
      const request = aws.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
      const found = await unlessNotFound(request, 'ExecutionDoesNotExist');
      return found !== undefined && found.status !== 'RUNNING' && found.status !== 'PENDING_REDRIVE';
    };
    const lock = { runId, resource, now: at, leaseSeconds, executionArn, hasEnded };
    const expires = await takeLock(aws.dynamodb, config.runsTable, lock);
    return {
      resource,
      runId,
      lockedAt: at.toISOString(),
      lockedUntil: new Date(expires * 1000).toISOString(),
    };
  },
});
