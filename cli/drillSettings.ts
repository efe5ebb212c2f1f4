import { checkDuration } from './duration.ts';
import type { Typed } from './options.ts';
import { UsageError } from './usage.ts';

/** Kinds of damage to a restored copy, each a fault of the local account. */
export const CORRUPTIONS = [
  'flip',
  'truncate',
  'missing',
  'extra',
  'mode',
  'owner',
  'stale',
  'volume',
] as const;
export const DISKS = ['directories', 'loop'] as const;
export const ISOLATIONS = ['auto', 'namespace', 'root-parameter'] as const;

/** The value of an option that has choices. */
export function chosen<Choice extends string>(
  typed: Typed,
  option: string,
  choices: readonly Choice[],
): Choice | undefined {
  return choices.find((choice) => choice === typed.one(option));
}

/** Options that arrange faults and settings of the local account; a deployed stage has none of them. */
const LOCAL_ONLY = ['corrupt', 'disks', 'isolation'] as const;
/** What only root can do on this machine. */
const NEEDS_ROOT: Record<string, string> = {
  '--corrupt owner': 'files get another owner',
  '--disks loop': 'volumes are mounted',
  '--consistency freeze': 'only a file system on a loop device can be frozen',
};

/** Checks what does not fit together before anything is started. @throws UsageError with one line. */
export function checkDrillOptions(typed: Typed, userId: number | undefined): void {
  const stage = typed.has('stage');
  const local = LOCAL_ONLY.find((option) => typed.has(option));
  if (stage && local) throw new UsageError(`--${local}: is for the local account; leave it or --stage out`);
  for (const [words, reason] of Object.entries(NEEDS_ROOT)) {
    const [option = '', value] = words.slice(2).split(' ');
    if (!stage && userId !== 0 && typed.one(option) === value)
      throw new UsageError(`${words}: needs root, since ${reason}; run it with sudo`);
  }
  if (typed.one('consistency') === 'freeze' && typed.one('disks') === 'directories')
    throw new UsageError('--disks directories: cannot be frozen; leave it or --consistency freeze out');
  for (const option of ['rto', 'rpo']) {
    const value = typed.one(option);
    if (value !== undefined) checkDuration(`--${option}`, value);
  }
}

/** What the local account's volumes are to be: a directory cannot be frozen, a file system on a loop device can. */
export function disksFor(typed: Typed): (typeof DISKS)[number] | undefined {
  return chosen(typed, 'disks', DISKS) ?? (typed.one('consistency') === 'freeze' ? 'loop' : undefined);
}

/** The machine's input: only what was asked for, so that the machine's own defaults stand. */
export function drillInput(typed: Typed, data?: { bucket: string; key: string }): object {
  const consistency = typed.one('consistency');
  const [rto, rpo] = [typed.one('rto'), typed.one('rpo')];
  return {
    ...(consistency && { consistency }),
    ...(data && { data }),
    ...((rto || rpo) && { objectives: { ...(rpo && { rpo }), ...(rto && { rto }) } }),
  };
}

/** The directory for evidence on this machine. */
export function evidenceDirectory(typed: Typed): string {
  return typed.one('evidence') ?? '.backup-drill/evidence';
}
