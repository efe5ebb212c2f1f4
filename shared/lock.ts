import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { isNamed } from './awsErrors.ts';
import { ResourceBusy } from './errors.ts';

/** Seconds that a lock holds when its run does not say otherwise: longer than any backup or drill may take. */
export const DEFAULT_LEASE = 12 * 3600;

/** Key of a resource's lock in the runs table. `resource` is an instance id, or `sandbox` for the drills' network. */
export function lockKey(resource: string): { id: string; entry: string } {
  return { id: `lock#${resource}`, entry: 'lock' };
}

/** When a lock taken at `now` for `leaseSeconds` runs out, in seconds since the epoch. */
export function lockExpiry(now: Date, leaseSeconds: number): number {
  return Math.floor(now.getTime() / 1000) + leaseSeconds;
}

/**
 * Takes the lock of a resource for a run. Taking it again prolongs it; one that ran out is taken over.
 * @returns when it runs out, in seconds since the epoch
 * @throws ResourceBusy naming the run that holds it, and until when
 */
export async function takeLock(
  dynamodb: DynamoDBClient,
  table: string,
  lock: { runId: string; resource: string; now: Date; leaseSeconds?: number },
): Promise<number> {
  const { runId, resource, now, leaseSeconds = DEFAULT_LEASE } = lock;
  const expires = lockExpiry(now, leaseSeconds);
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: table,
        Item: marshall({ ...lockKey(resource), runId, expires }),
        ConditionExpression: 'attribute_not_exists(#id) OR #expires < :now OR #runId = :runId',
        ExpressionAttributeNames: { '#id': 'id', '#expires': 'expires', '#runId': 'runId' },
        ExpressionAttributeValues: marshall({ ':now': lockExpiry(now, 0), ':runId': runId }),
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: table, Key: marshall(lockKey(resource)), ConsistentRead: true }),
    );
    const holder = Item ? unmarshall(Item) : {};
    const until = holder.expires ? new Date(Number(holder.expires) * 1000).toISOString() : 'a moment ago';
    throw new ResourceBusy(`${resource} is held by run ${holder.runId ?? 'unknown'} until ${until}`);
  }
  return expires;
}

/** Gives a lock back. @returns false when the run does not hold it (any more): then it stays as it is. */
export async function giveLockBack(
  dynamodb: DynamoDBClient,
  table: string,
  { runId, resource }: { runId: string; resource: string },
): Promise<boolean> {
  try {
    await dynamodb.send(
      new DeleteItemCommand({
        TableName: table,
        Key: marshall(lockKey(resource)),
        ConditionExpression: '#runId = :runId',
        ExpressionAttributeNames: { '#runId': 'runId' },
        ExpressionAttributeValues: marshall({ ':runId': runId }),
      }),
    );
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}
