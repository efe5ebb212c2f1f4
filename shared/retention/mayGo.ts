import { held } from './decide.ts';
import type { Deletion } from './plan.ts';
import type { Point } from './point.ts';

/** Whether a point may go by what AWS says of it now: yes, it is gone already, or no and why. */
export type MayGo = 'yes' | 'gone' | { keptBy: string };

/**
 * Asks again, right before a deletion, what the plan went by. Time has passed since the plan, and people, drills and
 * other tools use the same account.
 * @param point as it is now, undefined when it is not there
 * @param now the points of its resource that the plan keeps, and others, as they are now, by their ids
 */
export function mayGo(
  deletion: Deletion,
  point: Point | undefined,
  now: ReadonlyMap<string, Point>,
  { deployment, policy }: { deployment: string; policy: string },
): MayGo {
  if (!point) return 'gone';
  if (point.owner !== deployment || point.policy !== policy)
    return { keptBy: "it is not this policy's any more" };
  const hold = held(point);
  if (hold) return { keptBy: hold };
  // A set whose first snapshots have gone in an earlier burst is marked as expiring.
  const goesOn = point.kind === 'snapshots' && point.status === 'expiring';
  if (point.status !== deletion.status && !goesOn)
    return { keptBy: `its status is now ${point.status ?? 'unknown'}` };
  if (point.status === 'verified' && point.state !== 'available')
    return { keptBy: `verified, but ${point.state}` };
  if (point.validatedAt !== deletion.validatedAt) return { keptBy: 'a drill has validated it since' };
  const { survivor, validatedSurvivor } = deletion;
  if (survivor && !isGood(now.get(survivor.id)))
    return { keptBy: `${survivor.id}, which was to remain, is not a good point any more` };
  if (!validatedSurvivor) return 'yes';
  const validated = now.get(validatedSurvivor.id);
  if (!isGood(validated) || validated?.validatedAt === undefined)
    return { keptBy: `${validatedSurvivor.id}, validated and to remain, is not a good point any more` };
  return 'yes';
}

function isGood(point: Point | undefined): boolean {
  return point?.status === 'verified' && point.state === 'available';
}
