import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { DEFAULT_LEASE, takeLock } from '../../shared/lock.ts';
import { task } from '../../shared/task.ts';

/**
 * Takes the lock of a resource for a run, so that two runs never overlap on it. Taking it again prolongs it; one that
 * ran out is taken over. @throws ResourceBusy naming the run that holds it, and until when.
 */
export const acquireLock = task({
  name: 'AcquireLock',
  input: z.object({
    runId: z.string(),
    resource: z.string(),
    leaseSeconds: z.number().int().positive().default(DEFAULT_LEASE),
  }),
  output: z.object({
    resource: z.string(),
    runId: z.string(),
    lockedAt: z.string(),
    lockedUntil: z.string(),
  }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings) }),
  run: async ({ runId, resource, leaseSeconds }, { aws, now, config }) => {
    const at = now();
    const lock = { runId, resource, now: at, leaseSeconds };
    const expires = await takeLock(aws.dynamodb, config.runsTable, lock);
    return {
      resource,
      runId,
      lockedAt: at.toISOString(),
      lockedUntil: new Date(expires * 1000).toISOString(),
    };
  },
});
