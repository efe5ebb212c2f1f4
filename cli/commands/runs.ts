import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import type { Deployment } from '../deployment.ts';
import { formatSeconds } from '../duration.ts';
import type { Typed } from '../options.ts';
import { placeWithHistory } from '../place.ts';
import { moment, table } from '../table.ts';
import { itemsOf } from '../tables.ts';

const LISTED = 100; // executions of each machine; Step Functions keeps them for 90 days

/** What the list shows of a run's record. */
const runRecord = v.looseObject({
  id: v.string(),
  kind: v.string(),
  startedAt: v.string(),
  finishedAt: v.optional(v.string()),
  verdict: v.optional(v.string()),
  rto: v.nullish(v.object({ seconds: v.number() })),
});
type RunRecord = v.InferOutput<typeof runRecord>;

/** Lists the runs of a place, the newest first: drills and runs of policies as recorded, backups and restores as Step Functions has them. */
export async function runs(typed: Typed): Promise<number> {
  const place = await placeWithHistory('runs', typed);
  const { deployment } = place;
  const records = (
    await Promise.all([
      recordsOf(deployment, 'drill'),
      recordsOf(deployment, 'policy'),
      recordsOf(deployment, 'efs-backup'),
      recordsOf(deployment, 'efs-restore'),
      executionsOf(deployment, 'backup', deployment.names.backup),
      executionsOf(deployment, 'restore', deployment.names.restore),
    ])
  ).flat();
  records.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const text = typed.has('json') ? JSON.stringify({ runs: records }, null, 2) : runsTable(records).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

/** The list for a person. */
export function runsTable(records: readonly RunRecord[]): string[] {
  if (records.length === 0) return ['No run is recorded yet; backup-drill drill makes one.'];
  return table([
    ['RUN', 'KIND', 'STARTED', 'TOOK', 'VERDICT', 'RTO'],
    ...records.map(({ id, kind, startedAt, finishedAt, verdict, rto }) => [
      id,
      kind,
      moment(startedAt),
      finishedAt ? formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000) : '',
      verdict ?? '',
      rto ? formatSeconds(rto.seconds) : '',
    ]),
  ]);
}

async function recordsOf(deployment: Deployment, kind: string): Promise<RunRecord[]> {
  const { dynamodb, names } = deployment;
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: names.runsTable,
      IndexName: 'by-kind',
      KeyConditionExpression: '#kind = :kind',
      ExpressionAttributeNames: { '#kind': 'kind' },
      ExpressionAttributeValues: { ':kind': { S: kind } },
    },
  );
  return (await itemsOf(deployment, pages)).map((item) => parsed(runRecord, item));
}

async function executionsOf(deployment: Deployment, kind: string, machine: string): Promise<RunRecord[]> {
  const stateMachineArn = await deployment.machine(machine);
  const list = new ListExecutionsCommand({ stateMachineArn, maxResults: LISTED });
  const { executions } = await deployment.sfn.send(list);
  return (executions ?? []).map(({ name, startDate, stopDate, status }) => ({
    id: name ?? '',
    kind,
    startedAt: startDate?.toISOString() ?? '',
    verdict: status ?? '',
    ...(stopDate && { finishedAt: stopDate.toISOString() }),
  }));
}
