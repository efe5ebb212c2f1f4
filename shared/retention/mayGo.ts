import { held } from './decide.ts';
import type { Deletion } from './plan.ts';
import type { Point } from './point.ts';

/** Whether a point may go by what AWS says of it now: yes, it is gone already, or no and why. */
export type MayGo = 'yes' | 'gone' | { keptBy: string };

/**
 * Asks again, right before a deletion, what the plan went by. Time has passed since the plan, and people, drills and
 * other tools use the same account.
 * @param point as it is now, undefined when it is not there
 * @param survivor the point of the same resource that the plan keeps, as it is now
 */
export function mayGo(
  deletion: Deletion,
  point: Point | undefined,
  survivor: Point | undefined,
  { deployment, policy }: { deployment: string; policy: string },
): MayGo {
  if (!point) return 'gone';
  if (point.owner !== deployment || point.policy !== policy)
    return { keptBy: "it is not this policy's any more" };
  const hold = held(point);
  if (hold) return { keptBy: hold };
  // A set whose first snapshots have gone in an earlier burst is marked as expiring.
  if (point.status !== deletion.status && point.status !== 'expiring')
    return { keptBy: `its status is now ${point.status ?? 'unknown'}` };
  if (point.validatedAt !== deletion.validatedAt) return { keptBy: 'a drill has validated it since' };
  if (deletion.survivor && !isGood(survivor))
    return { keptBy: `${deletion.survivor.id}, which was to remain, is not a good point any more` };
  return 'yes';
}

function isGood(point: Point | undefined): boolean {
  return point?.status === 'verified' && point.state === 'available';
}
