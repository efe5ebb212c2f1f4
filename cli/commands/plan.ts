import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import { readDocument, runPolicy } from '../fleetRun.ts';
import type { Typed } from '../options.ts';
import { moment, table } from '../table.ts';
import { RunError } from '../usage.ts';

/** What a dry run leaves: what would be backed up, and what could not be. */
const dryReport = v.looseObject({
  planned: v.array(v.object({ region: v.string(), instanceId: v.string(), volumes: v.number() })),
  missing: v.array(v.object({ region: v.string(), instanceId: v.string(), reason: v.string() })),
  failures: v.array(v.string()),
});

const decision = v.looseObject({
  id: v.string(),
  resource: v.string(),
  createdAt: v.string(),
  keep: v.boolean(),
  rule: v.string(),
});
const retentionPlan = v.looseObject({ region: v.string(), decisions: v.array(decision) });
type Decision = v.InferOutput<typeof decision> & { region: string };

/** Says what a run of a policy would do. */
export async function plan(typed: Typed): Promise<number> {
  const { at, outcome, failure } = await runPolicy('plan', typed);
  if (!outcome) throw new RunError(failure);
  const report = parsed(dryReport, await readDocument(at, outcome.report));
  const decisions: Decision[] = [];
  for (const { plan: place } of outcome.retention.regions ?? []) {
    if (!place) continue;
    const found = parsed(retentionPlan, await readDocument(at, place));
    for (const one of found.decisions) decisions.push({ ...one, region: found.region });
  }
  const { stopped } = outcome.retention;
  const text = typed.has('json')
    ? JSON.stringify(
        { backUp: report.planned, cannot: report.missing, decisions, stopped: stopped ?? null },
        null,
        2,
      )
    : planLines(report, decisions, stopped).join('\n');
  process.stdout.write(`${text}\n`);
  return report.failures.length === 0 && !stopped ? 0 : 1;
}

/** The plan for a person: what would be backed up, what cannot be, what would be deleted and what kept, and why. */
export function planLines(
  report: v.InferOutput<typeof dryReport>,
  decisions: readonly Decision[],
  stopped: object | undefined,
): string[] {
  const going = decisions.filter(({ keep }) => !keep);
  const staying = decisions.filter(({ keep }) => keep);
  const rows = (some: readonly Decision[]) =>
    some.map(({ region, id, resource, createdAt, rule }) => [region, id, resource, moment(createdAt), rule]);
  const section = (title: string, heading: string[], lines: string[][]) =>
    lines.length === 0
      ? [`${title}: nothing`, '']
      : [`${title}: ${lines.length}`, ...table([heading, ...lines]), ''];
  const points = ['REGION', 'POINT', 'OF', 'TAKEN', 'RULE'];
  return [
    ...report.failures.map((line) => `! ${line}`),
    ...(stopped ? [`! retention would stop: ${JSON.stringify(stopped)}`] : []),
    ...section(
      'Would back up',
      ['REGION', 'INSTANCE', 'VOLUMES'],
      report.planned.map(({ region, instanceId, volumes }) => [region, instanceId, String(volumes)]),
    ),
    ...section('Would delete', points, rows(going)),
    ...section('Would keep', points, rows(staying)),
    'Nothing was changed.',
  ];
}
