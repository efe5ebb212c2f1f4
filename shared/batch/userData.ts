import { createHash } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keep } from '../evidenceStore.ts';
import { parsed } from '../parsed.ts';

/** One launch of an instance. */
export interface Launch {
  instanceId: string;
  /** ISO 8601: of its last start. */
  launchTime: string;
}

/** The user data of an instance since its launch: it can only be changed while the instance is stopped. */
export interface KnownUserData {
  /** Undefined when it has none. */
  sha256: string | undefined;
  /** Key in the evidence bucket. */
  key: string | undefined;
}

/** Where backups keep user data, and the table in which they note which instance has which. */
export interface UserDataStore {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  bucket: string;
  table: string;
}

/** Seconds for which a line is kept: long after its instance is gone. One that runs for longer is read once more. */
const KEPT = 400 * 24 * 3600;

const line = v.object({ entry: v.string(), launchedAt: v.number(), sha256: v.optional(v.string()) });

/** `i-…/1795512472027`, by which a launch is known again. */
export function launchName({ instanceId, launchTime }: Launch): string {
  return `${instanceId}/${Date.parse(launchTime)}`;
}

function partition(region: string): string {
  return `user-data#${region}`;
}

/** The same user data of many instances and launches is one object. */
function known(region: string, sha256: string | undefined): KnownUserData {
  return { sha256, key: sha256 && `points/user-data/${region}/${sha256}` };
}

/** The user data of the last launch of each of a Region's instances, as earlier backups noted it, by launch. */
export async function knownUserData(
  { dynamodb, table }: UserDataStore,
  region: string,
): Promise<Map<string, KnownUserData>> {
  const asked = {
    TableName: table,
    KeyConditionExpression: '#id = :id',
    ExpressionAttributeNames: { '#id': 'id' },
    ExpressionAttributeValues: marshall({ ':id': partition(region) }),
  };
  const found = new Map<string, KnownUserData>();
  for await (const { Items = [] } of paginateQuery({ client: dynamodb }, asked))
    for (const item of Items) {
      const { entry, launchedAt, sha256 } = parsed(line, unmarshall(item));
      found.set(`${entry}/${launchedAt}`, known(region, sha256));
    }
  return found;
}

/** Keeps the user data of a launch, and notes it in the place of the one of the launch before. */
export async function keepUserData(
  { s3, dynamodb, bucket, table }: UserDataStore,
  region: string,
  { instanceId, launchTime }: Launch,
  { content, now }: { content: Uint8Array | undefined; now: Date },
): Promise<KnownUserData> {
  const made = known(region, content && createHash('sha256').update(content).digest('hex'));
  if (content && made.key) await keep(s3, { bucket, key: made.key }, content);
  const Item = {
    id: partition(region),
    entry: instanceId,
    launchedAt: Date.parse(launchTime),
    sha256: made.sha256,
    expires: Math.floor(now.getTime() / 1000) + KEPT,
  };
  const request = { TableName: table, Item: marshall(Item, { removeUndefinedValues: true }) };
  await dynamodb.send(new PutItemCommand(request));
  return made;
}
