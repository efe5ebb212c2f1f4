import { paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import type { Deployment } from '../deployment.ts';
import type { Typed } from '../options.ts';
import { placeWithHistory } from '../place.ts';
import { checkInstance } from '../restoreInput.ts';
import { moment, table } from '../table.ts';
import { itemsOf } from '../tables.ts';

/** What the list shows of a recovery point's entry. */
const pointRecord = v.looseObject({
  /** The image's id, or that of a set of snapshots. */
  pointId: v.string(),
  resource: v.string(),
  createdAt: v.optional(v.string()),
  consistency: v.optional(v.union([v.string(), v.looseObject({ seen: v.string() })])),
  status: v.optional(v.string()),
  validatedAt: v.optional(v.string()),
});
type PointRecord = v.InferOutput<typeof pointRecord>;

/** Lists the recovery points of a place, the newest first. */
export async function points(typed: Typed): Promise<number> {
  const resource = typed.one('resource');
  if (resource !== undefined) checkInstance('--resource', resource);
  const place = await placeWithHistory('points', typed);
  const records = await recordsOf(place.deployment, resource);
  records.sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
  const text = typed.has('json')
    ? JSON.stringify({ points: records }, null, 2)
    : pointsTable(records).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

/** The list for a person. */
export function pointsTable(records: readonly PointRecord[]): string[] {
  if (records.length === 0) return ['No recovery point is recorded.'];
  return table([
    ['POINT', 'OF', 'TAKEN', 'CONSISTENCY', 'STATUS', 'VALIDATED'],
    ...records.map(({ pointId, resource, createdAt, consistency, status, validatedAt }) => [
      pointId,
      resource,
      createdAt ? moment(createdAt) : '',
      (typeof consistency === 'string' ? consistency : consistency?.seen) ?? '',
      status ?? '',
      validatedAt ? moment(validatedAt) : 'never',
    ]),
  ]);
}

/** One instance's points by their key; all of them by reading the table, which holds a line a point. */
async function recordsOf(deployment: Deployment, resource: string | undefined): Promise<PointRecord[]> {
  const { dynamodb, names } = deployment;
  const TableName = names.pointsTable;
  const pages = resource
    ? paginateQuery(
        { client: dynamodb },
        {
          TableName,
          KeyConditionExpression: '#resource = :resource',
          ExpressionAttributeNames: { '#resource': 'resource' },
          ExpressionAttributeValues: { ':resource': { S: resource } },
        },
      )
    : paginateScan({ client: dynamodb }, { TableName });
  // Generations on EFS are listed by `efs list`.
  const items = (await itemsOf(deployment, pages)).filter(({ kind }) => kind !== 'generation');
  return items.map((item) => parsed(pointRecord, item));
}
