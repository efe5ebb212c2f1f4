import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { EFS_EXAMPLE, prepareEfs } from '../../local/efsExample.ts';
import { MACHINE_PATH } from '../../local/host/process.ts';
import type { EfsResult } from '../../shared/efs/report.ts';
import { chosen, ISOLATIONS } from '../drillSettings.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { localPlace, type Place } from '../place.ts';
import { UsageError } from '../usage.ts';
import { differences } from './compare.ts';
import { runEfs } from './run.ts';

/** One thing that was looked at. */
export interface TrialCheck {
  name: string;
  passed: boolean;
  summary: string;
  /** The first differences, or what went wrong. */
  failures: string[];
}

/** The one object that `--json` prints. */
export interface Trial {
  verdict: 'PASS' | 'FAILED';
  generations: string[];
  /** Of the last backup. */
  kpis: EfsResult['kpis'];
  checks: TrialCheck[];
}

const SHOWN = 20; // differences; more help nobody
const PROGRAMS = ['fpsync', 'rsync', 'setfacl', 'getfacl', 'setfattr', 'getfattr'];

/**
 * Backs a directory up twice with the machines as they are deployed and the real programs, restores a subtree into an
 * empty directory, and compares all of it. @throws UsageError when a directory or a program is missing
 */
export async function runTrial(typed: Typed): Promise<Trial> {
  const [source, target] = directories(typed);
  const missing = PROGRAMS.find((program) => !isInstalled(program));
  if (missing)
    throw new UsageError(
      `efs needs ${missing} on this machine; Debian and Ubuntu: apt-get install fpart rsync acl attr`,
    );
  const isolation = chosen(typed, 'isolation', ISOLATIONS);
  const place = await localPlace({
    stage: EFS_EXAMPLE.stage,
    isolation,
    prepare: (account, region) => prepareEfs(account, region, { source, destination: target }),
  });
  try {
    return await trialAt(place, source, target);
  } finally {
    await place.close();
  }
}

/** The comparison finds programs by this process's PATH, the worker by the machine's own. */
function isInstalled(program: string): boolean {
  return [process.env.PATH ?? '', MACHINE_PATH].every((path) =>
    path.split(':').some((directory) => existsSync(join(directory, program))),
  );
}

function directories(typed: Typed): [source: string, target: string] {
  const [source, target] = [typed.one('source'), typed.one('target')];
  if (source === undefined || target === undefined)
    throw new UsageError('efs: give --source DIR and --target DIR, or an action: backup, restore, list');
  if (!existsSync(source) || !statSync(source).isDirectory())
    throw new UsageError(`--source ${JSON.stringify(source)}: is no directory`);
  const [from, to] = [resolve(source), resolve(target)];
  if (`${to}${sep}`.startsWith(`${from}${sep}`) || `${from}${sep}`.startsWith(`${to}${sep}`))
    throw new UsageError('--source and --target: neither may lie in the other');
  mkdirSync(to, { recursive: true });
  return [from, to];
}

async function trialAt(place: Place, source: string, target: string): Promise<Trial> {
  const { policy } = EFS_EXAMPLE;
  const checks: TrialCheck[] = [];
  const generations: string[] = [];
  const folder = join(target, 'backup-drill', policy);
  let kpis: EfsResult['kpis'] = {};
  for (const name of ['first backup', 'second backup']) {
    const ended = await runEfs(place, 'backup', { policy });
    const { result } = ended;
    const good = result?.verdict === 'COMPLETE' && ended.status === 'SUCCEEDED';
    const generation = result?.generation ?? '';
    kpis = result?.kpis ?? {};
    const failures = good ? differences(source, join(folder, generation, 'data')) : [failureLine(ended)];
    checks.push(check(name, `the source, compared with generation ${generation || 'none'}`, failures));
    if (!good) return trialOf(checks, generations, kpis);
    generations.push(generation);
  }
  const subtree = subtreeOf(source);
  const to = `restored-${generations.at(-1)}`;
  const input = { policy, subtree, target: to, targetFileSystem: 'destination' };
  const ended = await runEfs(place, 'restore', input);
  const restored = join(target, to);
  const wanted = join(folder, generations.at(-1) ?? '', 'data', subtree);
  const failures = ended.status === 'SUCCEEDED' ? differences(wanted, restored) : [failureLine(ended)];
  checks.push(
    check(
      'restore',
      `${subtree ? JSON.stringify(subtree) : 'everything'}, restored into an empty directory`,
      failures,
    ),
  );
  if (failures.length === 0) rmSync(restored, { recursive: true, force: true });
  checks.push(check('clean up', 'locks, and the worker group', await leftovers(place)));
  return trialOf(checks, generations, kpis);
}

/** The first directory of the source that holds something; everything where there is none. */
function subtreeOf(source: string): string {
  const found = readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(source, entry.name)).length > 0)
    .map((entry) => entry.name)
    .sort();
  return found[0] ?? '';
}

/** What the runs have left in the account. */
async function leftovers({ local }: Place): Promise<string[]> {
  if (!local) return [];
  const { account, region } = local;
  const call = {
    principal: account.operator,
    region,
    service: 'ec2',
    operation: 'DescribeInstances',
    input: {},
  };
  const answer = await account.call(call);
  const states =
    JSON.stringify(answer).match(/"Name":"(pending|running|shutting-down|stopping|stopped)"/g) ?? [];
  return states.map((state) => `an instance is left: ${state}`);
}

function check(name: string, summary: string, failures: string[]): TrialCheck {
  return { name, passed: failures.length === 0, summary, failures: failures.slice(0, SHOWN) };
}

function trialOf(checks: TrialCheck[], generations: string[], kpis: Trial['kpis']): Trial {
  const passed = checks.length === 4 && checks.every((one) => one.passed);
  return { verdict: passed ? 'PASS' : 'FAILED', generations, kpis, checks };
}
