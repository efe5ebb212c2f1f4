import type { LedgerEntry } from './ledger.ts';
import type { Resource } from './runResources.ts';

/** What a sweep found of a run. */
export interface SweepFindings {
  /** What still exists and should not. */
  leftovers: Resource[];
  /** Where the ledger and the account contradict each other, in words. */
  disagreements: string[];
}

/**
 * Compares what the account shows (`tagged` by the run's tag, `known` by the ids in its ledger) with the ledger. What
 * the run was told to keep, and what came about beside it, is no leftover.
 */
export function sweepFindings(
  entries: readonly LedgerEntry[],
  tagged: readonly Resource[],
  known: readonly Resource[],
): SweepFindings {
  const line = (id: string) => entries.find((entry) => entry.resourceId === id);
  const keeps = (kind: string) => entries.some((entry) => entry.keep && entry.kind === kind);
  const isKept = ({ kind, id }: Resource) =>
    line(id)?.keep === true ||
    (kind === 'snapshot' && keeps('image') && line(id) === undefined) ||
    (kind === 'volume' && keeps('instance') && line(id) === undefined);
  const seen = new Map([...tagged, ...known].map((one) => [one.id, one]));
  const leftovers = [...seen.values()].filter((one) => !isKept(one));
  const disagreements = leftovers.flatMap(({ kind, id, state }) => {
    const entry = line(id);
    if (!entry) return [`${kind} ${id} carries the run's tag, but is not in its ledger`];
    return entry.goneAt ? [`${kind} ${id} is gone by the ledger, but is ${state}`] : [];
  });
  for (const entry of entries) {
    if (entry.keep || entry.goneAt || seen.has(entry.resourceId ?? '')) continue;
    disagreements.push(
      `${entry.kind} ${entry.resourceId ?? entry.key} is open in the ledger, but does not show`,
    );
  }
  return { leftovers, disagreements };
}
