import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EFS_EXAMPLE, prepareEfs } from '../../local/efsExample.ts';
import { MACHINE_PATH } from '../../local/host/process.ts';
import type { EfsResult } from '../../shared/efs/report.ts';
import { chosen, ISOLATIONS } from '../drillSettings.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { localPlace, type Place } from '../place.ts';
import { UsageError } from '../usage.ts';
import { differences } from './compare.ts';
import { type Call, leftovers } from './leftovers.ts';
import { runEfs } from './run.ts';
import { removeRestored, subtreeOf } from './subtree.ts';
import { makeTarget, type TrialDirectories, trialDirectories } from './trialDirectories.ts';

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
  const { source, target } = directories(typed);
  const missing = PROGRAMS.find((program) => !isInstalled(program));
  if (missing)
    throw new UsageError(
      `efs needs ${missing} on this machine; Debian and Ubuntu: apt-get install fpart rsync acl attr`,
    );
  makeTarget(target);
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

function directories(typed: Typed): TrialDirectories {
  const [source, target] = [typed.one('source'), typed.one('target')];
  if (source === undefined || target === undefined)
    throw new UsageError('efs: give --source DIR and --target DIR, or an action: backup, restore, list');
  return trialDirectories(source, target);
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
  if (failures.length === 0) removeRestored(restored);
  checks.push(check('clean up', 'lock, worker group and instances', await left(place, policy)));
  return trialOf(checks, generations, kpis);
}

async function left({ local, deployment }: Place, policy: string): Promise<string[]> {
  if (!local) return [];
  const { account, region } = local;
  const call: Call = (service, operation, input) =>
    account.call({ principal: account.operator, region, service, operation, input });
  const { names } = deployment;
  return await leftovers(call, { deployment: names.deployment, runsTable: names.runsTable, policy });
}

function check(name: string, summary: string, failures: string[]): TrialCheck {
  return { name, passed: failures.length === 0, summary, failures: failures.slice(0, SHOWN) };
}

function trialOf(checks: TrialCheck[], generations: string[], kpis: Trial['kpis']): Trial {
  const passed = checks.length === 4 && checks.every((one) => one.passed);
  return { verdict: passed ? 'PASS' : 'FAILED', generations, kpis, checks };
}
