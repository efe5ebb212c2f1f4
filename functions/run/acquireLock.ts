import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { ResourceBusy } from '../../shared/errors.ts';
import { DEFAULT_LEASE, lockExpiry, lockKey } from '../../shared/lock.ts';
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
    const expires = lockExpiry(at, leaseSeconds);
    try {
      await aws.dynamodb.send(
        new PutItemCommand({
          TableName: config.runsTable,
          Item: marshall({ ...lockKey(resource), runId, expires }),
          ConditionExpression: 'attribute_not_exists(#id) OR #expires < :now OR #runId = :runId',
          ExpressionAttributeNames: { '#id': 'id', '#expires': 'expires', '#runId': 'runId' },
          ExpressionAttributeValues: marshall({ ':now': lockExpiry(at, 0), ':runId': runId }),
        }),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
      const { Item } = await aws.dynamodb.send(
        new GetItemCommand({
          TableName: config.runsTable,
          Key: marshall(lockKey(resource)),
          ConsistentRead: true,
        }),
      );
      const holder = Item ? unmarshall(Item) : {};
      const until = holder.expires ? new Date(Number(holder.expires) * 1000).toISOString() : 'a moment ago';
      throw new ResourceBusy(`${resource} is held by run ${holder.runId ?? 'unknown'} until ${until}`);
    }
    return {
      resource,
      runId,
      lockedAt: at.toISOString(),
      lockedUntil: new Date(expires * 1000).toISOString(),
    };
  },
});
