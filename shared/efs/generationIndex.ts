import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Generation } from './generations.ts';
import { efsResource, instantOf } from './names.ts';
import type { EfsFacts } from './report.ts';

/** The index has the complete generations that were listed, but those that were expired since, deleted already or not. */
export async function indexGenerations(
  dynamodb: DynamoDBClient,
  TableName: string,
  policy: string,
  listed: readonly Generation[],
  expired: EfsFacts['expired'],
): Promise<void> {
  const resource = efsResource(policy);
  const gone = new Set([...(expired?.expired ?? []), ...(expired?.left ?? [])]);
  const there = listed.filter(({ state, generation }) => state === 'complete' && !gone.has(generation));
  for (const { generation: pointId, files, bytes } of there) {
    const createdAt = instantOf(pointId);
    const facts = { kind: 'generation', policy, status: 'verified', createdAt, files, bytes };
    const Item = marshall({ resource, pointId, ...facts }, { removeUndefinedValues: true });
    await dynamodb.send(new PutItemCommand({ TableName, Item }));
  }
  const known = new Set(there.map(({ generation }) => generation));
  for (const pointId of await indexed(dynamodb, TableName, resource))
    if (!known.has(pointId)) {
      const Key = marshall({ resource, pointId });
      await dynamodb.send(new DeleteItemCommand({ TableName, Key }));
    }
}

async function indexed(dynamodb: DynamoDBClient, TableName: string, resource: string): Promise<string[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName,
      KeyConditionExpression: '#resource = :resource',
      ExpressionAttributeNames: { '#resource': 'resource' },
      ExpressionAttributeValues: marshall({ ':resource': resource }),
      ProjectionExpression: 'pointId',
      ConsistentRead: true,
    },
  );
  const items = (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => Items);
  return items.flatMap(({ pointId }) => pointId?.S ?? []);
}
