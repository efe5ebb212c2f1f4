import * as v from 'valibot';
import type { Config } from '../config.ts';
import type { DeletionList } from './deletions.ts';
import type { OrphanList } from './orphans.ts';
import { type PlanCounts, planCounts } from './plan.ts';

const place = v.object({ bucket: v.string(), key: v.string() });

/** What one Region came to, as the machine knows it: where its lists lie, and what failed. */
export const retainedRegion = v.object({
  region: v.string(),
  counts: v.optional(planCounts),
  deletions: v.optional(place),
  orphans: v.optional(place),
  /** What AWS refused to tag of what was to be adopted. */
  notAdopted: v.optional(v.array(v.string())),
  /** What is not adopted though it has the tags: somebody's. */
  leftAlone: v.optional(v.array(v.string())),
  failure: v.optional(v.object({ Error: v.string(), Cause: v.string() })),
});
export type RetainedRegion = v.InferOutput<typeof retainedRegion>;

/** The same with its lists read. */
export interface RegionResult extends RetainedRegion {
  deleted: DeletionList;
  swept: OrphanList;
}

/** What a retention came to, as it is kept. */
export interface RetentionReport {
  format: 'backup-drill retention report 1';
  runId: string;
  policy: string;
  deployment: { name: string; version: string };
  startedAt: string;
  finishedAt: string;
  /** `complete` only if everything that was to go is gone, or a rule keeps it after all. */
  status: 'complete' | 'incomplete';
  counts: { points: number; deleted: number; kept: number; refused: number; orphans: number };
  /** Everything that is wrong, one line each. */
  failures: string[];
  regions: {
    region: string;
    counts: PlanCounts | undefined;
    deletions: DeletionList['done'];
    orphans: OrphanList['done'];
    /** What has the tags of what is to be adopted, and is left alone: each with the reason. */
    leftAlone: string[];
  }[];
}

/** The report of a retention, from what its Regions' lists say. */
export function retentionReport(
  run: { runId: string; policy: string; startedAt: string; finishedAt: string },
  regions: readonly RegionResult[],
  config: Config,
): RetentionReport {
  const failures = regions.flatMap(faultsOf);
  const done = regions.flatMap(({ deleted }) => deleted.done);
  return {
    format: 'backup-drill retention report 1',
    ...run,
    deployment: { name: config.deployment, version: config.version },
    status: failures.length === 0 ? 'complete' : 'incomplete',
    counts: {
      points: regions.reduce((sum, { counts }) => sum + (counts?.points ?? 0), 0),
      deleted: done.filter(isGone).length,
      kept: done.filter(({ result }) => result === 'kept').length,
      refused: done.filter(({ result }) => result === 'refused').length,
      orphans: regions.flatMap(({ swept }) => swept.done).filter(isGone).length,
    },
    failures,
    regions: regions.map(({ region, counts, deleted, swept, leftAlone = [] }) => ({
      region,
      counts,
      deletions: deleted.done,
      orphans: swept.done,
      leftAlone,
    })),
  };
}

/** What keeps a Region from being done, one line each. */
function faultsOf({ region, failure, notAdopted = [], deleted, swept }: RegionResult): string[] {
  return [
    ...(failure ? [`${region}: ${failure.Error}: ${failure.Cause}`] : []),
    ...notAdopted.map((line) => `${region} not adopted: ${line}`),
    ...deleted.done.flatMap(({ id, result, reason }) =>
      result === 'refused' ? `${region} ${id}: ${reason}` : [],
    ),
    ...deleted.left.map(({ id }) => `${region} ${id}: not reached`),
    ...swept.done.flatMap(({ id, result, reason }) =>
      result === 'refused' ? `${region} ${id}: ${reason}` : [],
    ),
    ...swept.left.map((id) => `${region} ${id}: not reached`),
  ];
}

function isGone({ result }: { result: string }): boolean {
  return result === 'deleted' || result === 'gone';
}
