import * as v from 'valibot';
import { checkDeletions } from '../retention/breaker.ts';
import { decide } from '../retention/decide.ts';
import type { Decision, Point } from '../retention/point.ts';
import type { BackupRun } from './efsRun.ts';
import { efsResource, instantOf } from './names.ts';

/** One generation as the document `efs-list` tells of it. */
export const generation = v.object({
  generation: v.pipe(v.string(), v.regex(/^\d{8}T\d{6}Z$/)),
  state: v.picklist(['complete', 'partial', 'expired']),
  files: v.nullish(v.number()),
  bytes: v.nullish(v.number()),
  completedAt: v.nullish(v.string()),
});
export type Generation = v.InferOutput<typeof generation>;

/** A complete generation as retention sees any recovery point: made by its rename, good by its marker. */
function asPoint({ generation: id }: Generation, policy: string, deployment: string): Point {
  return {
    id,
    kind: 'snapshots', // decides only how a point is deleted, which is the worker's business here
    snapshotIds: [],
    resource: efsResource(policy),
    owner: deployment,
    policy,
    createdAt: instantOf(id),
    status: 'verified',
    state: 'available',
    locked: false,
    protected: false,
    shared: false,
    beingCopied: false,
  };
}

/**
 * Which complete generations stay and which go, by the rules of every retention. What is incomplete is none of its
 * business: the next run continues it. @throws TooManyDeletions
 */
export function planExpiry(
  generations: readonly Generation[],
  run: Pick<BackupRun, 'policy' | 'keep' | 'maxDeletions' | 'timezone'>,
  deployment: string,
  now: Date,
): Decision[] {
  const complete = generations.filter(({ state }) => state === 'complete');
  const points = complete.map((one) => asPoint(one, run.policy, deployment));
  const { keep, policy, timezone: timeZone } = run;
  const decisions = decide(points, { keep, policy, deployment, timeZone, now });
  const going = decisions.flatMap(({ keep, point }) => (keep ? [] : [point.id]));
  const figures = { policy, good: points.length, deletions: going.length };
  checkDeletions(figures, run.maxDeletions, `They are ${some(going)}`);
  return decisions;
}

const SOME = 10; // a message is read by a person

function some(ids: readonly string[]): string {
  const named = ids.slice(0, SOME).join(', ');
  return ids.length > SOME ? `${named} and ${ids.length - SOME} more` : named;
}
