import * as v from 'valibot';
import type { Decision, Point } from './point.ts';

/** Which point has to be there, and good, for another of the same resource to go. */
export const pointReference = v.object({ id: v.string(), kind: v.picklist(['ami', 'snapshots']) });
export type PointReference = v.InferOutput<typeof pointReference>;

/** A point that is to go, with what has to be true of it still when it goes. */
export const deletion = v.object({
  ...pointReference.entries,
  resource: v.string(),
  createdAt: v.string(),
  rule: v.string(),
  snapshotIds: v.array(v.string()),
  status: v.optional(v.string()),
  validatedAt: v.optional(v.string()),
  /** Unset of what failed runs have left: that is nobody's good point. */
  survivor: v.optional(pointReference),
  /** Of one that a drill validated: another one that a drill did, and that stays. */
  validatedSurvivor: v.optional(pointReference),
});
export type Deletion = v.InferOutput<typeof deletion>;

/** What a plan came to, in numbers. */
export const planCounts = v.object({
  points: v.number(),
  /** Verified points, of which every resource keeps at least one, and sets that are to go but are whole yet. */
  good: v.number(),
  keep: v.number(),
  delete: v.number(),
  /** Good points among those to go: what the circuit breaker counts. */
  deleteGood: v.number(),
  resources: v.number(),
  /** Resources with points that do not exist any more. */
  resourcesGone: v.number(),
});
export type PlanCounts = v.InferOutput<typeof planCounts>;

/** One line of a plan, for whoever reads it. */
export interface PlanLine {
  id: string;
  kind: Point['kind'];
  resource: string;
  createdAt: string;
  status: string | undefined;
  keep: boolean;
  rule: string;
}

/** Every decision in words, in the order of the points. */
export function planLines(decisions: readonly Decision[]): PlanLine[] {
  return decisions.map(({ point: { id, kind, resource, createdAt, status }, keep, rule }) => ({
    id,
    kind,
    resource,
    createdAt,
    status,
    keep,
    rule,
  }));
}

/** What is to go, oldest first: if a run is cut short, the youngest are left. */
export function deletionsOf(decisions: readonly Decision[]): Deletion[] {
  const survivors = newestKept(decisions);
  const validated = newestKept(decisions.filter(({ point }) => point.validatedAt !== undefined));
  const going = decisions.filter(({ keep }) => !keep);
  return going
    .map(({ point, rule }): Deletion => {
      const { id, kind, resource, createdAt, snapshotIds, status, validatedAt } = point;
      const needs = isGood(point) || status === 'expiring';
      const survivor = needs ? survivors.get(resource) : undefined;
      const validatedSurvivor = needs && validatedAt !== undefined ? validated.get(resource) : undefined;
      return {
        id,
        kind,
        resource,
        createdAt,
        rule,
        snapshotIds,
        ...(status !== undefined && { status }),
        ...(validatedAt !== undefined && { validatedAt }),
        ...(survivor && { survivor: referenceTo(survivor) }),
        ...(validatedSurvivor && { validatedSurvivor: referenceTo(validatedSurvivor) }),
      };
    })
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1));
}

function referenceTo({ id, kind }: Point): PointReference {
  return { id, kind };
}

/** The numbers of a plan. @param instances those that exist */
export function countPlan(decisions: readonly Decision[], instances: ReadonlySet<string>): PlanCounts {
  const resources = new Set(decisions.map(({ point }) => point.resource));
  const good = decisions.filter(({ point }) => isGood(point) || isWholeYet(point));
  const keep = decisions.filter((decision) => decision.keep).length;
  return {
    points: decisions.length,
    good: good.length,
    keep,
    delete: decisions.length - keep,
    deleteGood: good.filter((decision) => !decision.keep).length,
    resources: resources.size,
    resourcesGone: [...resources].filter((resource) => !instances.has(resource)).length,
  };
}

/** A set that is marked to go: it counts among those that a run deletes until some of it is gone. */
function isWholeYet({ kind, status, state }: Point): boolean {
  return kind === 'snapshots' && status === 'expiring' && state === 'available';
}

function isGood({ status, state }: Point): boolean {
  return status === 'verified' && state === 'available';
}

function newestKept(decisions: readonly Decision[]): Map<string, Point> {
  const newest = new Map<string, Point>();
  for (const { point, keep } of decisions) {
    if (!keep || !isGood(point)) continue;
    const other = newest.get(point.resource);
    if (!other || other.createdAt < point.createdAt) newest.set(point.resource, point);
  }
  return newest;
}
