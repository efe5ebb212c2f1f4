import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { giveLockBack } from '../../shared/lock.ts';
import { task } from '../../shared/task.ts';

/** Gives the lock of a resource back. A lock that the run no longer holds stays as it is: `released` is then false. */
export const releaseLock = task({
  name: 'ReleaseLock',
  input: v.object({ runId: v.string(), resource: v.string() }),
  output: v.object({ released: v.boolean() }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings) }),
  run: async (lock, { aws, config }) => ({
    released: await giveLockBack(aws.dynamodb, config.runsTable, lock),
  }),
});
