import { mostGenerations } from '../../shared/policy/efs.ts';
import type { PolicyBody } from '../../shared/policy/policy.ts';

const DAY = 86_400_000;
/** Retentions in a row that may fail or be missed before it is no wonder that the next one has much to delete. */
const MISSED = 7;

/**
 * What is wrong with a share that a retention may delete, given how little it keeps: once some were missed, each later
 * one has more to delete than it may, so it deletes nothing, and that gets worse. Undefined when two may be missed.
 * @param gap milliseconds between two runs
 */
export function deletionLimitFault({ keep, maxDeletions }: PolicyBody, gap: number): string | undefined {
  if (!('percent' in maxDeletions)) return undefined; // how many instances there are is seen at the run only
  const kept = 'days' in keep ? Math.max(1, Math.round((keep.days * DAY) / gap)) : mostGenerations(keep);
  // Each run makes one point and lets one go; one that was missed leaves one more to let go.
  const share = (missed: number) => ((missed + 1) * 100) / (kept + 1 + missed);
  const { percent } = maxDeletions;
  const missed = [0, 1].find((count) => share(count) > percent);
  if (missed === undefined) return undefined;
  const when = missed === 0 ? 'each retention' : 'after one that was missed each retention';
  return `keeps ${kept} ${kept === 1 ? 'point' : 'points'}, so ${when} has ${Math.floor(share(missed))} percent or more to delete, and deletes nothing since maxDeletions allows ${percent}; write maxDeletions: { percent: ${Math.ceil(share(MISSED))} }, or keep more`;
}
