import { Calendar } from './calendar.ts';
import type { Keep } from './keep.ts';
import type { Decision, Point } from './point.ts';
import { keptBy } from './rules.ts';

/**
 * Hours after which what a failed or vanished run has left is swept. A batch waits for its snapshots for up to 72 hours,
 * and then verifies and tags them: a day more, so that nothing goes that a run is about to call good. Long enough, too,
 * to look at on Monday what failed on Friday.
 */
export const LEFTOVER_HOURS = 96;

const HOUR = 3600 * 1000;

/** What retention goes by beside the points themselves. */
export interface Terms {
  keep: Keep;
  /** The policy whose points these are. */
  policy: string;
  /** The deployment that this is. */
  deployment: string;
  /** IANA name: in it the calendar's days begin. */
  timeZone: string;
  now: Date;
  /** All policies that there are; a point of any other is one whose policy is gone. */
  policies?: readonly string[];
  /** Instances that exist. It changes no decision, only the words. */
  instances?: ReadonlySet<string>;
}

/**
 * Decides for every point, by what its tags say now and nothing else, whether it stays, and says by which rule. The
 * decisions come in the order of the points. Never goes: the last good point of a resource, the last one that a drill
 * validated, one that is locked, protected, shared or still being copied, one that is not of this deployment or not of
 * this policy, and one whose state nobody understands.
 */
export function decide(points: readonly Point[], terms: Terms): Decision[] {
  const good = goodByResource(points, terms);
  const rules = goodPointRules(good, terms);
  return points.map((point) => {
    const rule =
      foreign(point, terms) ??
      begun(point, good.get(point.resource) ?? []) ??
      unfinished(point, terms) ??
      rules.get(point) ??
      stays('no rule says that it may go');
    const hold = rule.keep ? undefined : held(point);
    return hold ? { point, keep: true, rule: hold } : { point, ...rule };
  });
}

type Rule = Omit<Decision, 'point'>;

const stays = (rule: string): Rule => ({ keep: true, rule });
const goes = (rule: string): Rule => ({ keep: false, rule });

/** Points that are none of this policy's business. */
function foreign(point: Point, { deployment, policy, policies }: Terms): Rule | undefined {
  if (point.owner !== deployment) return stays("not this deployment's");
  if (point.policy === policy) return undefined;
  if (point.policy === undefined) return stays('of no policy: kept until somebody deletes it');
  if (policies && !policies.includes(point.policy))
    return stays(`its policy ${point.policy} is gone: kept until somebody deletes it`);
  return stays(`of policy ${point.policy}`);
}

/**
 * Sets whose deletion has begun: it goes on, but not on the word of the tag alone, which anybody can set. An image goes
 * in one call, so that one with this status is nothing that retention ever began.
 */
function begun(point: Point, good: readonly Point[]): Rule | undefined {
  if (point.status !== 'expiring' || point.kind !== 'snapshots') return undefined;
  const rule = 'its deletion has begun';
  if (good.length === 0)
    return stays(`${rule}, but ${point.resource} has no good point: kept until somebody looks at it`);
  if (point.validatedAt && !good.some(({ validatedAt }) => validatedAt))
    return stays(`${rule}, but no other was validated by a drill: kept until somebody looks at it`);
  return goes(rule);
}

/** Points that are not good: leftovers go after a while, what is not understood stays. */
function unfinished(point: Point, { now }: Terms): Rule | undefined {
  const { status, state } = point;
  if (state === 'pending') return stays('AWS is still making it');
  if (status === 'pending' || status === 'failed') {
    const old = now.getTime() - Date.parse(point.createdAt) > LEFTOVER_HOURS * HOUR;
    const leftover = status === 'failed' ? 'failed' : 'never verified';
    return old
      ? goes(`${leftover}, and older than ${LEFTOVER_HOURS} hours`)
      : stays(`${leftover}, and not older than ${LEFTOVER_HOURS} hours`);
  }
  if (status !== 'verified')
    return stays(`its status is ${status ?? 'unknown'}: kept until somebody looks at it`);
  if (state !== 'available') return stays(`verified, but ${state}: kept until somebody looks at it`);
  return undefined;
}

/** What keeps a point that would go otherwise. */
export function held(point: Point): string | undefined {
  if (point.locked) return 'locked';
  if (point.protected) return 'protected from deregistration';
  if (point.shared) return 'shared';
  if (point.beingCopied) return 'still being copied';
  return undefined;
}

/** The retention's own rules, for the good points of each resource. */
function goodPointRules(goodOf: ReadonlyMap<string, Point[]>, terms: Terms): Map<Point, Rule> {
  const calendar = new Calendar(terms.timeZone);
  const rules = new Map<Point, Rule>();
  for (const [resource, good] of goodOf) {
    const { reasons, otherwise } = keptBy(terms.keep, good, calendar, terms.now);
    const lastValidated = validatedLast(good);
    for (const [at, point] of good.entries()) {
      const reason = reasons.get(point.id);
      if (reason !== undefined) rules.set(point, stays(reason));
      else if (at === 0) rules.set(point, stays(`last good point of ${resource}${gone(resource, terms)}`));
      else if (lastValidated.has(point)) rules.set(point, stays('last validated by a drill'));
      else rules.set(point, goes(otherwise));
    }
  }
  return rules;
}

/** Good points of each resource, newest first; of two of the same instant always the same is first. */
function goodByResource(points: readonly Point[], terms: Terms): Map<string, Point[]> {
  const good = new Map<string, Point[]>();
  for (const point of points) {
    if (foreign(point, terms) || unfinished(point, terms)) continue;
    const others = good.get(point.resource);
    if (others) others.push(point);
    else good.set(point.resource, [point]);
  }
  for (const each of good.values())
    each.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || (a.id < b.id ? 1 : -1));
  return good;
}

/** The newest point that was ever validated, and the one that was validated most recently; mostly they are one. */
function validatedLast(newestFirst: readonly Point[]): Set<Point> {
  const validated = newestFirst.flatMap((point) =>
    point.validatedAt ? [{ point, at: Date.parse(point.validatedAt) }] : [],
  );
  const latest = validated.reduce<(typeof validated)[0] | undefined>(
    (last, each) => (last === undefined || each.at > last.at ? each : last),
    undefined,
  );
  return new Set([validated[0], latest].flatMap((each) => each?.point ?? []));
}

function gone(resource: string, { instances }: Terms): string {
  return instances && !instances.has(resource) ? ', which is gone: kept until somebody deletes it' : '';
}
