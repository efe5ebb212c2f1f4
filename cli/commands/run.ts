import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { type FleetOutcome, fleetOutcome, runPolicy } from '../fleetRun.ts';
import type { Typed } from '../options.ts';
import type { Place } from '../place.ts';
import { type Paint, paintFor } from '../report.ts';
import { RunError } from '../usage.ts';

/** Runs a policy and shows what it came to. */
export async function run(typed: Typed): Promise<number> {
  const { at, runId, arn, outcome, failure } = await runPolicy('run', typed);
  const found = outcome ?? (await recorded(at, runId));
  if (!found) throw new RunError(failure);
  const text = typed.has('json')
    ? JSON.stringify({ execution: arn, runId, ...found }, null, 2)
    : ['', ...fleetReportLines(found, paintFor(process.stdout))].join('\n');
  process.stdout.write(`${text}\n`);
  return found.status === 'complete' ? 0 : 1;
}

/** A run that failed has no output; its record says what it came to, if it came so far. */
async function recorded({ deployment }: Place, runId: string): Promise<FleetOutcome | undefined> {
  const { Item } = await deployment.dynamodb.send(
    new GetItemCommand({
      TableName: deployment.names.runsTable,
      Key: { id: { S: runId }, entry: { S: 'run' } },
      ConsistentRead: true,
    }),
  );
  if (!Item) return undefined;
  const { verdict, evidence, ...item } = unmarshall(Item);
  const found = v.safeParse(fleetOutcome, { ...item, status: verdict, report: evidence, retention: {} });
  return found.success ? found.output : undefined;
}

/** What a run came to, for a person: failures first. */
export function fleetReportLines(outcome: FleetOutcome, paint: Paint): string[] {
  const { status, counts, failures, warnings, report } = outcome;
  const { verified, selected, failed, regions } = counts;
  const verdict = status === 'complete' ? paint('green', 'COMPLETE') : paint('red', 'INCOMPLETE');
  const where = `in ${regions} ${regions === 1 ? 'Region' : 'Regions'}`;
  return [
    `${verdict}  ${verified} of ${selected} instances have a verified recovery point ${where}`,
    ...(failures.length > 0 ? [''] : []),
    ...failures.map((line) => `  ${paint('red', '✗')} ${line}`),
    ...(failed > failures.length ? [`    and ${failed - failures.length} more`] : []),
    ...(warnings.length > 0 ? [''] : []),
    ...warnings.map((line) => `  ${paint('yellow', '!')} ${line}`),
    '',
    `Report     s3://${report.bucket}/${report.key}`,
  ];
}
