import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
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

/** A lock that a run asks for. */
export interface LockRequest {
  runId: string;
  resource: string;
  now: Date;
  leaseSeconds?: number;
  /** ARN of the execution with whose end the lock is free, given back or not; none where work may outlive it. */
  executionArn?: string | undefined;
  /** Whether an execution has ended; without it no lock is taken over before it runs out. */
  hasEnded?: (executionArn: string) => Promise<boolean>;
}

/**
 * Takes the lock of a resource for a run. Taking it again prolongs it; one that ran out is taken over, and so is one
 * whose execution has ended without giving it back, as one that was aborted.
 * @returns when it runs out, in seconds since the epoch
 * @throws ResourceBusy naming the run that holds it, and until when
 */
export async function takeLock(dynamodb: DynamoDBClient, table: string, lock: LockRequest): Promise<number> {
  const expires = lockExpiry(lock.now, lock.leaseSeconds ?? DEFAULT_LEASE);
  const Item = marshall(
    { ...lockKey(lock.resource), runId: lock.runId, expires, executionArn: lock.executionArn },
    { removeUndefinedValues: true },
  );
  const free = {
    ConditionExpression: 'attribute_not_exists(#id) OR #expires < :now OR #runId = :runId',
    ExpressionAttributeNames: { '#id': 'id', '#expires': 'expires', '#runId': 'runId' },
    ExpressionAttributeValues: marshall({ ':now': lockExpiry(lock.now, 0), ':runId': lock.runId }),
  };
  if (await put(dynamodb, { TableName: table, Item, ...free })) return expires;
  const Key = marshall(lockKey(lock.resource));
  const found = await dynamodb.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  const holder = found.Item ? unmarshall(found.Item) : {};
  if (holder.executionArn && (await lock.hasEnded?.(holder.executionArn))) {
    const stillIts = {
      ConditionExpression: '#executionArn = :executionArn',
      ExpressionAttributeNames: { '#executionArn': 'executionArn' },
      ExpressionAttributeValues: marshall({ ':executionArn': holder.executionArn }),
    };
    if (await put(dynamodb, { TableName: table, Item, ...stillIts })) return expires;
  }
  const until = holder.expires ? new Date(Number(holder.expires) * 1000).toISOString() : 'a moment ago';
  throw new ResourceBusy(`${lock.resource} is held by run ${holder.runId ?? 'unknown'} until ${until}`);
}

/** Writes an item if its condition holds; says whether it did. */
async function put(dynamodb: DynamoDBClient, request: PutItemCommandInput): Promise<boolean> {
  try {
    await dynamodb.send(new PutItemCommand(request));
    return true;
  } catch (error) {
    if (isNamed(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
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
