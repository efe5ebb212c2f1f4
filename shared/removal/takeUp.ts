import { unclaimed } from '../cleanup.ts';
import { entries, intend, type LedgerEntry, made } from '../ledger.ts';
import { taggedResources } from '../runResources.ts';
import type { RemovalContext } from './removal.ts';

/** Gives everything that carries the run's tag a line in its ledger. @returns the whole ledger then */
export async function takeUp({ ec2, dynamodb, config, runId }: RemovalContext): Promise<LedgerEntry[]> {
  const table = config.runsTable;
  const known = await entries(dynamodb, table, runId);
  const found = unclaimed(known, await taggedResources(ec2, runId));
  if (found.length === 0) return known;
  for (const { kind, id } of found) {
    await intend(dynamodb, table, { runId, kind, key: id, keep: false });
    await made(dynamodb, table, { runId, kind, key: id, id });
  }
  return await entries(dynamodb, table, runId);
}
