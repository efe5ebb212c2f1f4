import { isSettled, type Remainder, reasonOf } from '../cleanup.ts';
import { going, gone, type LedgerEntry } from '../ledger.ts';
import { attempt, type Removal, type RemovalContext } from './removal.ts';
import { removerOf } from './removers.ts';

const MISSING: Removal = { state: 'missing' };

/**
 * Does what is due for one line of a ledger, after `elapsed` seconds of cleaning up, and writes down what came of it.
 * @returns what remains to be done and why, or undefined when the line is settled
 */
export async function settleLine(
  line: LedgerEntry,
  elapsed: number,
  context: RemovalContext,
): Promise<Remainder | undefined> {
  const { dynamodb, config, now } = context;
  const { kind, key, resourceId: id } = line;
  const ledgerKey = { runId: context.runId, kind, key };
  const removal = id ? await attempt(removerOf(kind), id, context) : MISSING;
  if (isSettled(line, removal, elapsed)) {
    await gone(dynamodb, config.runsTable, { ...ledgerKey, now });
    return undefined;
  }
  if (removal.state === 'going' && !line.going) await going(dynamodb, config.runsTable, ledgerKey);
  return { kind, key, ...(id ? { id } : {}), reason: reasonOf(removal) };
}
