import * as z from 'zod';
import { type Deletion, deletion, pointReference } from './plan.ts';

/** What became of one point that was to go. */
export const deletionOutcome = pointReference.extend({
  resource: z.string(),
  createdAt: z.string(),
  rule: z.string(),
  /** `gone`: it was not there any more; `kept`: a rule keeps it after all; `refused`: AWS did not let it go. */
  result: z.enum(['deleted', 'gone', 'kept', 'refused']),
  reason: z.string().optional(),
  /** Snapshots of its image that AWS did not delete with it; the sweep tries them again. */
  snapshotsLeft: z.array(z.string()).optional(),
});
export type DeletionOutcome = z.infer<typeof deletionOutcome>;

/** What is to go in one Region and what has become of the rest: the list that bursts work off. */
export const deletionList = z.object({ left: z.array(deletion), done: z.array(deletionOutcome) });
export type DeletionList = z.infer<typeof deletionList>;

/** What has become of the points so far, in numbers. */
export const deletionCounts = z.object({
  deleted: z.number(),
  gone: z.number(),
  kept: z.number(),
  refused: z.number(),
});
export type DeletionCounts = z.infer<typeof deletionCounts>;

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
