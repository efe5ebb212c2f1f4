import * as v from 'valibot';
import { type LedgerEntry, resourceKind } from './ledger.ts';
import type { Removal } from './removal/removal.ts';
import type { Resource } from './runResources.ts';

/**
 * Seconds for which AWS may not know what was made: lists lag by a minute, ids by some seconds, and an image's
 * snapshots begin up to 20 seconds after it. What is missing for longer than all of that is believed to be gone.
 */
const SETTLING = 90;

/** Something of a run that is still to go. */
export const remainder = v.object({
  kind: resourceKind,
  key: v.string(),
  id: v.optional(v.string()),
  reason: v.string(),
});
export type Remainder = v.InferOutput<typeof remainder>;

/** Lines of a ledger that a cleanup has to do with. */
export function openLines(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.filter((entry) => !entry.keep && entry.goneAt === undefined);
}

/**
 * What carries the run's tag, but has no line of its own with its id: it belongs to an intent whose result was lost,
 * or came about beside an image or an instance. While the run keeps an image, its snapshots are left alone; volumes go
 * with their instance, and only those are taken up that were left behind.
 */
export function unclaimed(entries: readonly LedgerEntry[], tagged: readonly Resource[]): Resource[] {
  const claimed = new Set(entries.map((entry) => entry.resourceId));
  const keepsImage = entries.some((entry) => entry.keep && entry.kind === 'image');
  const keepsInstance = entries.some((entry) => entry.keep && entry.kind === 'instance');
  return tagged.filter(({ kind, id, state }) => {
    if (claimed.has(id)) return false;
    if (kind === 'snapshot' || kind === 'image') return !keepsImage;
    if (kind === 'volume') return state === 'available' && !keepsInstance;
    return !(kind === 'instance' && keepsInstance);
  });
}

/** Whether a line is settled after `elapsed` seconds of cleaning up: its thing is gone, or never came about. */
export function isSettled(line: LedgerEntry, removal: Removal, elapsed: number): boolean {
  if (removal.state === 'missing') return line.going === true || elapsed >= SETTLING;
  return removal.state === 'gone';
}

/** Why a line is not settled, in words. */
export function reasonOf(removal: Removal): string {
  if (removal.state === 'stuck') return removal.reason;
  return removal.state === 'missing' ? 'AWS does not show it (yet)' : 'on its way';
}

/** What the local names of ends are for each kind, as looks report what they waited for. */
export function endOf(kind: LedgerEntry['kind'], id: string): string {
  return `${id}:${kind === 'instance' ? 'terminated' : 'deleted'}`;
}
