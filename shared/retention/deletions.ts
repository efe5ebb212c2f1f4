import * as v from 'valibot';
import { type Deletion, deletion, pointReference } from './plan.ts';

/** What became of one point that was to go. */
export const deletionOutcome = v.object({
  ...pointReference.entries,
  resource: v.string(),
  createdAt: v.string(),
  rule: v.string(),
  /** `gone`: it was not there any more; `kept`: a rule keeps it after all; `refused`: AWS did not let it go. */
  result: v.picklist(['deleted', 'gone', 'kept', 'refused']),
  reason: v.optional(v.string()),
  /** Snapshots of its image that AWS did not delete with it; the sweep tries them again. */
  snapshotsLeft: v.optional(v.array(v.string())),
});
export type DeletionOutcome = v.InferOutput<typeof deletionOutcome>;

/** What is to go in one Region and what has become of the rest: the list that bursts work off. */
export const deletionList = v.object({ left: v.array(deletion), done: v.array(deletionOutcome) });
export type DeletionList = v.InferOutput<typeof deletionList>;

/** What has become of the points so far, in numbers. */
export const deletionCounts = v.object({
  deleted: v.number(),
  gone: v.number(),
  kept: v.number(),
  refused: v.number(),
});
export type DeletionCounts = v.InferOutput<typeof deletionCounts>;

export function countDeletions(done: readonly DeletionOutcome[]): DeletionCounts {
  const counts = { deleted: 0, gone: 0, kept: 0, refused: 0 };
  for (const { result } of done) counts[result]++;
  return counts;
}

/** The outcome of what was not reached in time; the next run plans it anew. */
export function giveUp(left: readonly Deletion[], limitSeconds: number): DeletionOutcome[] {
  const reason = `not reached within ${limitSeconds} seconds`;
  return left.map(({ id, kind, resource, createdAt, rule }) => ({
    id,
    kind,
    resource,
    createdAt,
    rule,
    result: 'refused',
    reason,
  }));
}
