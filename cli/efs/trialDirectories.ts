import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { member } from '../decoded.ts';
import { UsageError } from '../usage.ts';

/** The two directories of a trial, without links in their paths. */
export interface TrialDirectories {
  source: string;
  target: string;
}

/**
 * Looks whether one directory can be backed up into another, and changes nothing. The target need not be there.
 * @throws UsageError
 */
export function trialDirectories(source: string, target: string): TrialDirectories {
  if (kindOf(source) !== 'directory')
    throw new UsageError(`--source ${JSON.stringify(source)}: is no directory`);
  const found = { source: realpathSync(source), target: realTarget(target) };
  const [from, to] = [found.source, found.target].map((path) => (path === sep ? sep : `${path}${sep}`));
  if (from === undefined || to === undefined || to.startsWith(from) || from.startsWith(to))
    throw new UsageError('--source and --target: neither may lie in the other');
  return found;
}

/** A path with the links resolved as far as it is there. */
function realTarget(target: string): string {
  let there = resolve(target);
  const missing: string[] = [];
  for (let kind = kindOf(there); kind !== 'directory'; kind = kindOf(there)) {
    if (kind !== 'missing')
      throw new UsageError(`--target ${JSON.stringify(target)}: ${there} is ${kind}, no directory`);
    missing.unshift(basename(there));
    there = dirname(there);
  }
  return join(realpathSync(there), ...missing);
}

function kindOf(path: string): 'directory' | 'missing' | 'a file' | 'a link to nothing' {
  const found = lookAt(() => statSync(path));
  if (found) return found.isDirectory() ? 'directory' : 'a file';
  return lookAt(() => lstatSync(path)) ? 'a link to nothing' : 'missing';
}

/** Undefined for what is not there, or would be below a file. */
function lookAt(look: () => Stats): Stats | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String(member(error, 'code')))) return undefined;
    throw new UsageError(`efs: ${member(error, 'message')}`);
  }
}

/** Makes the target where it is missing. @throws UsageError where nothing can be written */
export function makeTarget(target: string): void {
  const missing: string[] = [];
  for (let path = target; kindOf(path) === 'missing'; path = dirname(path)) missing.unshift(path);
  try {
    // One by one: on a file system like /proc Node would try without end to make all of them.
    for (const path of missing) mkdirSync(path);
    rmdirSync(mkdtempSync(join(target, '.backup-drill-')));
  } catch (error) {
    const words = member(error, 'message');
    throw new UsageError(`--target ${JSON.stringify(target)}: nothing can be written there (${words})`);
  }
}
