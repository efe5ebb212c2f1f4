import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  paginateScan,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { Throttled } from './errors.ts';
import type { OldLine } from './pointLines.ts';

const WRITES = 25; // the most that one BatchWriteItem call takes

/** Takes points out of the index; those that it does not have are as good as taken out. */
export async function forgetPoints(
  dynamodb: DynamoDBClient,
  table: string,
  points: readonly { resource: string; id: string }[],
): Promise<void> {
  const keys = points.map(({ resource, id }) => ({ resource, pointId: id }));
  await writeIndex(
    dynamodb,
    table,
    keys.map((key) => ({ DeleteRequest: { Key: marshall(key) } })),
  );
}

/** Writes to the index. @throws Throttled when DynamoDB left something: a repeat writes the same again */
export async function writeIndex(
  dynamodb: DynamoDBClient,
  table: string,
  writes: readonly WriteRequest[],
): Promise<void> {
  for (let at = 0; at < writes.length; at += WRITES) {
    const RequestItems = { [table]: writes.slice(at, at + WRITES) };
    const { UnprocessedItems = {} } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    const left = Object.values(UnprocessedItems).flat().length;
    if (left > 0) throw new Throttled(`DynamoDB left ${left} of ${writes.length} writes to the index`);
  }
}

/** Every line of the index. */
export async function readIndex(dynamodb: DynamoDBClient, TableName: string): Promise<OldLine[]> {
  const lines: OldLine[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true }))
    for (const item of Items) {
      const { resource, pointId, ...more } = unmarshall(item);
      lines.push({ ...more, resource: String(resource), pointId: String(pointId) });
    }
  return lines;
}
