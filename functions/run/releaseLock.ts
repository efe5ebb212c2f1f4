import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { lockKey } from '../../shared/lock.ts';
import { task } from '../../shared/task.ts';

/** Gives the lock of a resource back. A lock that the run no longer holds stays as it is: `released` is then false. */
export const releaseLock = task({
  name: 'ReleaseLock',
  input: z.object({ runId: z.string(), resource: z.string() }),
  output: z.object({ released: z.boolean() }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings) }),
  run: async ({ runId, resource }, { aws, config }) => {
    try {
      await aws.dynamodb.send(
        new DeleteItemCommand({
          TableName: config.runsTable,
          Key: marshall(lockKey(resource)),
          ConditionExpression: '#runId = :runId',
          ExpressionAttributeNames: { '#runId': 'runId' },
          ExpressionAttributeValues: marshall({ ':runId': runId }),
        }),
      );
      return { released: true };
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException')
        return { released: false };
      throw error;
    }
  },
});
