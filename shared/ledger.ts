import {
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { parsed } from './parsed.ts';

/** What a run makes. `snapshot` and `volume` come about beside an image or an instance, and are listed by its id. */
export const resourceKind = v.picklist(['instance', 'image', 'snapshot', 'volume', 'endpoint', 'object']);
export type ResourceKind = v.InferOutput<typeof resourceKind>;

/** One line of a run's ledger: something that the run is about to make, has made, or has removed again. */
export const ledgerEntry = v.object({
  kind: resourceKind,
  /** Which one of its kind, known before it is made: `source`, `restored`, an image's name, an endpoint's service. */
  key: v.string(),
  /** Unset while only the intent is known: then it is to be looked for by the run's tag. */
  resourceId: v.optional(v.string()),
  /** It outlives the run (a recovery point), so the cleanup leaves it alone. */
  keep: v.boolean(),
  /** It was seen on its way out: once AWS does not know it any more, it is gone. */
  going: v.optional(v.boolean()),
  /** ISO 8601; set once it was seen to be gone. */
  goneAt: v.optional(v.string()),
});
export type LedgerEntry = v.InferOutput<typeof ledgerEntry>;

/** Names one line of a ledger. */
export interface LedgerKey {
  runId: string;
  kind: ResourceKind;
  key: string;
}

const GONE_STAYS = 90 * 24 * 3600; // seconds; a line that is settled is of use to a reader for a quarter

/** Writes that the run is about to make something. Repeating it keeps what is known already. */
export async function intend(
  dynamodb: DynamoDBClient,
  table: string,
  entry: LedgerKey & { keep: boolean },
): Promise<void> {
  const item = {
    ...itemKey(entry),
    resourceKind: entry.kind,
    resourceKey: entry.key,
    keep: entry.keep,
  };
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: table,
        Item: marshall(item),
        ConditionExpression: 'attribute_not_exists(#id)',
        ExpressionAttributeNames: { '#id': 'id' },
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
  }
}

/** Writes the id that AWS gave to what was intended. */
export async function made(
  dynamodb: DynamoDBClient,
  table: string,
  entry: LedgerKey & { id: string },
): Promise<void> {
  await update(
    dynamodb,
    table,
    entry,
    'SET #resourceId = :id',
    { '#resourceId': 'resourceId' },
    { ':id': entry.id },
  );
}

/** Writes that it was seen on its way out. */
export async function going(dynamodb: DynamoDBClient, table: string, entry: LedgerKey): Promise<void> {
  await update(dynamodb, table, entry, 'SET #going = :yes', { '#going': 'going' }, { ':yes': true });
}

/** Writes that it was seen to be gone; the line expires after 90 days. */
export async function gone(
  dynamodb: DynamoDBClient,
  table: string,
  entry: LedgerKey & { now: Date },
): Promise<void> {
  await update(
    dynamodb,
    table,
    entry,
    'SET #goneAt = :at, #expires = :expires',
    { '#goneAt': 'goneAt', '#expires': 'expires' },
    { ':at': entry.now.toISOString(), ':expires': Math.floor(entry.now.getTime() / 1000) + GONE_STAYS },
  );
}

/** All lines of a run's ledger, settled ones included. */
export async function entries(
  dynamodb: DynamoDBClient,
  table: string,
  runId: string,
): Promise<LedgerEntry[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: '#id = :id AND begins_with(#entry, :made)',
      ExpressionAttributeNames: { '#id': 'id', '#entry': 'entry' },
      ExpressionAttributeValues: marshall({ ':id': runId, ':made': 'made#' }),
    },
  );
  const found: LedgerEntry[] = [];
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { resourceKind: kind, resourceKey: key, ...rest } = unmarshall(item);
      found.push(parsed(ledgerEntry, { kind, key, ...rest }));
    }
  }
  return found;
}

function itemKey({ runId, kind, key }: LedgerKey): { id: string; entry: string } {
  return { id: runId, entry: `made#${kind}#${key}` };
}

async function update(
  dynamodb: DynamoDBClient,
  table: string,
  entry: LedgerKey,
  expression: string,
  names: Record<string, string>,
  values: Record<string, string | number | boolean>,
): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: marshall(itemKey(entry)),
      UpdateExpression: expression,
      // A line that nobody intended would have no kind; better to fail than to lose what was made.
      ConditionExpression: 'attribute_exists(#id)',
      ExpressionAttributeNames: { ...names, '#id': 'id' },
      ExpressionAttributeValues: marshall(values),
    }),
  );
}
