import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { efsResource } from '../../shared/efs/names.ts';
import type { EfsResult } from '../../shared/efs/report.ts';
import { parsed } from '../../shared/parsed.ts';
import { json } from '../decoded.ts';
import { type EfsRunEnd, runEfs } from '../efs/run.ts';
import { runTrial, type Trial } from '../efs/trial.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { type Place, placeWithHistory } from '../place.ts';
import { type Paint, paintFor } from '../report.ts';
import { moment, table } from '../table.ts';
import { itemsOf } from '../tables.ts';
import { UsageError } from '../usage.ts';

const ACTIONS = ['backup', 'restore', 'list'];

/** Works on EFS: a trial on this machine, or one of the actions by a policy. @returns the exit code */
export async function efs(typed: Typed): Promise<number> {
  const [action, policy] = typed.positionals;
  if (action === undefined) return show(typed, await runTrial(typed));
  if (!ACTIONS.includes(action))
    throw new UsageError(`efs ${JSON.stringify(action)}: there are ${ACTIONS.join(', ')}`);
  if (policy === undefined) throw new UsageError(`efs ${action}: name a policy, efs ${action} POLICY`);
  const mirror = mirrorOf(typed);
  const place = await placeWithHistory(`efs ${action}`, typed);
  if (action === 'list') return await list(typed, place, policy);
  if (action === 'backup') return report(typed, await runEfs(place, 'backup', { policy }));
  return await restore(typed, place, policy, mirror);
}

function mirrorOf(typed: Typed): number | undefined {
  const text = typed.one('mirror');
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new UsageError(`--mirror ${JSON.stringify(text)}: the most that may be deleted, such as 100`);
  return Number(text);
}

/** A mirror is listed first; more deletions than it allows refuse it before anything is done. */
async function restore(
  typed: Typed,
  place: Place,
  policy: string,
  mirror: number | undefined,
): Promise<number> {
  const { one, has } = typed;
  const [generation, subtree, target, existing] = ['generation', 'subtree', 'to', 'existing'].map((name) =>
    one(name),
  );
  const input = {
    policy,
    ...(generation && { generation }),
    ...(subtree && { subtree }),
    ...(target && { target }),
    ...(existing && { existing }),
    ...(has('to-destination') && { targetFileSystem: 'destination' }),
  };
  if (mirror === undefined) return report(typed, await runEfs(place, 'restore', input));
  const planned = await runEfs(place, 'restore', { ...input, mirror: 'plan' });
  const plan = planned.result?.restored;
  if (planned.status !== 'SUCCEEDED' || !plan) return report(typed, planned);
  const allowed = { generation: plan.generation, mirror: 'yes', maxDeletions: mirror }; // no later generation
  process.stderr.write(`${[`${plan.deletions} would be deleted`, ...plan.examples].join('\n')}\n`);
  if (plan.deletions > mirror) {
    process.stderr.write(`backup-drill: that is more than ${mirror}; nothing was done\n`);
    return 1;
  }
  return report(typed, await runEfs(place, 'restore', { ...input, ...allowed }));
}

const generationRecord = v.looseObject({
  pointId: v.string(),
  createdAt: v.string(),
  files: v.nullish(v.number()),
  bytes: v.nullish(v.number()),
  status: v.string(),
});

/** The complete generations of a policy as the last run saw them, the newest first. */
async function list(typed: Typed, { deployment }: Place, policy: string): Promise<number> {
  const pages = paginateQuery(
    { client: deployment.dynamodb },
    {
      TableName: deployment.names.pointsTable,
      KeyConditionExpression: '#resource = :resource',
      ExpressionAttributeNames: { '#resource': 'resource' },
      ExpressionAttributeValues: { ':resource': { S: efsResource(policy) } },
      ScanIndexForward: false,
    },
  );
  const generations = (await itemsOf(deployment, pages)).map((item) => parsed(generationRecord, item));
  if (generations.length === 0) await requireEfsPolicy(deployment, policy);
  const lines =
    generations.length === 0
      ? ['No generation is recorded.']
      : table([
          ['GENERATION', 'TAKEN', 'FILES', 'BYTES', 'STATUS'],
          ...generations.map((one) => [
            one.pointId,
            moment(one.createdAt),
            String(one.files ?? ''),
            String(one.bytes ?? ''),
            one.status,
          ]),
        ]);
  print(typed.has('json') ? [JSON.stringify({ generations }, null, 2)] : lines);
  return 0;
}

/** Of a policy that is not deployed any more, generations may still be listed. @throws UsageError */
async function requireEfsPolicy({ names, ssm }: Place['deployment'], policy: string): Promise<void> {
  const request = new GetParameterCommand({ Name: `/${names.deployment}/policies/${policy}` });
  const found = await unlessNotFound(ssm.send(request), 'ParameterNotFound', 'ValidationException');
  const value = found?.Parameter?.Value;
  if (value === undefined)
    throw new UsageError(`efs list ${JSON.stringify(policy)}: ${names.deployment} has no such policy`);
  const { capture } = parsed(v.looseObject({ capture: v.string() }), json(value));
  if (capture !== 'efs')
    throw new UsageError(`efs list ${policy}: it captures ${capture}; see its points by backup-drill points`);
}

function report(typed: Typed, ended: EfsRunEnd): number {
  const { result } = ended;
  if (typed.has('json'))
    print([JSON.stringify({ execution: ended.executionArn, status: ended.status, ...result }, null, 2)]);
  else print(result ? resultLines(result, paintFor(process.stdout)) : [failureLine(ended)]);
  return ended.status === 'SUCCEEDED' ? 0 : 1;
}

/** What a run came to, for a person. */
export function resultLines(result: EfsResult, paint: Paint): string[] {
  const { verdict, generation, kpis, restored, failure, left, logs } = result;
  const style = verdict === 'COMPLETE' ? 'green' : 'red';
  return [
    `${paint(style, verdict)}  ${generation ?? ''}`.trimEnd(),
    ...(failure ? [`${failure.Error}: ${failure.Cause}`] : []),
    ...(restored ? [`${restored.filesTransferred} files restored, ${restored.deletions} deleted`] : []),
    ...left.map((one) => `${one} is not deleted yet; the next run goes on with it`),
    ...table(Object.entries(kpis).map(([name, value]) => [`  ${name}`, String(value)])),
    ...(logs ? [`Logs  s3://${logs.bucket}/${logs.key}`] : []),
  ];
}

function show(typed: Typed, trial: Trial): number {
  const paint = paintFor(process.stdout);
  print(typed.has('json') ? [JSON.stringify(trial, null, 2)] : trialLines(trial, paint));
  return trial.verdict === 'PASS' ? 0 : 1;
}

/** A trial for a person. */
export function trialLines({ verdict, checks, generations, kpis }: Trial, paint: Paint): string[] {
  const words = verdict === 'PASS' ? 'every check passed' : 'a check failed';
  return [
    '',
    `${paint(verdict === 'PASS' ? 'green' : 'red', verdict)}  ${words}`,
    '',
    ...checks.flatMap(({ name, passed, summary, failures }) => [
      `  ${passed ? paint('green', 'ok') : paint('red', 'no')}  ${name.padEnd(13)}  ${summary}`,
      ...failures.map((failure) => `      ${failure}`),
    ]),
    '',
    `Generations  ${generations.join(', ') || 'none'}`,
    ...['files', 'filesTransferred', 'transferredBytes', 'filesPerSecond', 'runSeconds'].flatMap((name) =>
      kpis[name] === undefined ? [] : [`${name.padEnd(16)}  ${kpis[name]}`],
    ),
  ];
}

function print(lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
