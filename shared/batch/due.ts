import type { BatchItem } from './batch.ts';

/** The items that may be captured now, those first that EC2 has put off. */
export function dueItems(items: readonly BatchItem[], now: Date): BatchItem[] {
  const open = items.filter(({ state }) => state === 'selected');
  return open.filter((item) => dueAt(item) <= now.getTime()).sort((a, b) => (b.tries ?? 0) - (a.tries ?? 0));
}

/** Seconds until the next item may be captured; 0 when one may already, or none is left. */
export function secondsToNextDue(items: readonly BatchItem[], now: Date): number {
  const open = items.filter(({ state }) => state === 'selected').map(dueAt);
  if (open.length === 0) return 0;
  return Math.max(0, Math.ceil((Math.min(...open) - now.getTime()) / 1000));
}

function dueAt({ notBefore }: BatchItem): number {
  return notBefore === undefined ? 0 : Date.parse(notBefore);
}
