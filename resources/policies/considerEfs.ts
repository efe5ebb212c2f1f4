import { mostGenerations } from '../../shared/policy/efs.ts';
import { mostRunsWithin } from '../../shared/policy/fireTimes.ts';
import type { PolicyBody } from '../../shared/policy/policy.ts';
import type { Consideration } from './consideration.ts';

export type EfsBody = Extract<PolicyBody, { capture: 'efs' }>;

/**
 * Hard links that a file may have on EFS: 177, the source's own among them. A generation adds one for each of the names
 * that a file has, so the rest is for files that had several of their own.
 */
const MOST_GENERATIONS = 150;

/** What the schema cannot see of a policy for EFS: how much it keeps by its schedule, and what else copies where. */
export function considerEfs(
  policy: EfsBody,
  others: ReadonlyMap<string, EfsBody>,
  now: Date,
): Consideration[] {
  return [...ofGenerations(policy, now), ...ofDirection(policy, others)];
}

function ofGenerations({ keep, schedule }: EfsBody, now: Date): Consideration[] {
  const byAge = schedule && 'days' in keep;
  const most = byAge ? mostRunsWithin(keep.days, schedule, now.getTime()) : mostGenerations(keep);
  if (most <= MOST_GENERATIONS) return [];
  const many = byAge && most >= 1000 ? '1000 generations or more' : `${most} generations`;
  const remedy = byAge
    ? `keep fewer days, or run less often, or keep some of each hour, day and week, ${MOST_GENERATIONS} at most`
    : `keep ${MOST_GENERATIONS} at most`;
  const message = `would hold ${many} at once${byAge ? ' by its schedule' : ''}, and EFS allows 177 hard links a file, the source's own among them; ${remedy}`;
  return [{ path: ['keep'], message }];
}

/** A backup on the file system that it is made of, or on one whose own backup comes back to it, copies its own copies. */
function ofDirection(
  { source, destination }: EfsBody,
  others: ReadonlyMap<string, EfsBody>,
): Consideration[] {
  const path = ['destination', 'id'];
  const remedy = 'name another file system, or { stack: true } for one that the stack makes';
  if (!('id' in destination)) return [];
  if (destination.id === source)
    return [{ path, message: `is the source itself, which a backup must not be lost with; ${remedy}` }];
  const through = wayBack(destination.id, source, others);
  if (!through) return [];
  const message = `is copied back to ${source} by ${through.join(', ')}, so that each backup would copy the other's generations; ${remedy}`;
  return [{ path, message }];
}

/** The policies by which what is on one file system comes to another, in order. */
function wayBack(
  from: string,
  to: string,
  policies: ReadonlyMap<string, EfsBody>,
  seen = new Set([from]),
): string[] | undefined {
  for (const [name, { source, destination }] of policies) {
    if (source !== from || !('id' in destination) || seen.has(destination.id)) continue;
    if (destination.id === to) return [name];
    const further = wayBack(destination.id, to, policies, seen.add(destination.id));
    if (further) return [name, ...further];
  }
  return undefined;
}
