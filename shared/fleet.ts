import * as v from 'valibot';
import { failureInWords } from './failureInWords.ts';

/** What became of one batch: its own counts, or why it came to nothing. */
export const batchOutcome = v.object({ name: v.string(), failure: v.optional(failureInWords) });

/** What became of one Region of a run. */
export const regionOutcome = v.object({
  region: v.string(),
  /** Instances that the policy selects there. */
  selected: v.number(),
  /** Ids that the policy names, but that are not there; they may be in another of its Regions. */
  missing: v.optional(v.array(v.string()), []),
  batches: v.array(batchOutcome),
  /** Why the Region could not be worked in. */
  failure: v.optional(failureInWords),
});
export type RegionOutcome = v.InferOutput<typeof regionOutcome>;

/** How many Regions and instances a run had, and of how many instances it has a verified point. */
export const fleetCounts = v.object({
  regions: v.number(),
  selected: v.number(),
  verified: v.number(),
  failed: v.number(),
});

/** One instance that has no verified recovery point of a run. */
export interface Missing {
  /** `*`: it is in none of the policy's Regions, which are several. */
  region: string;
  instanceId: string;
  reason: string;
}

/** One verified recovery point of a run. */
export interface Made {
  region: string;
  instanceId: string;
  pointId: string;
  consistency: string;
}

/** What retention came to, as its machine returns it, with what failed. */
export const retentionOutcome = v.looseObject({ failure: v.optional(failureInWords) });

/** What a run of a policy came to. */
export interface FleetReport {
  format: 'backup-drill fleet report 1';
  runId: string;
  policy: string;
  deployment: { name: string; version: string };
  startedAt: string;
  finishedAt: string;
  /** `complete` only if something was selected, every instance has its point, and retention did what it had to. */
  status: 'complete' | 'incomplete';
  counts: v.InferOutput<typeof fleetCounts>;
  /** Everything that is wrong, one line each; Regions and retention first, then instances. */
  failures: string[];
  /** What could not be done beside the points, such as a tag of the policy's that EC2 refused; fails no run. */
  warnings: string[];
  missing: Missing[];
  points: Made[];
  /** Of a dry run: what would be backed up, with how many volumes. */
  planned?: { region: string; instanceId: string; volumes: number }[];
  retention: unknown;
}

/** What the policy names by its id, but no Region has; one that could not be looked at may have it, and fails by itself. */
export function missingEverywhere(regions: readonly RegionOutcome[]): Missing[] {
  const seen = regions.filter(({ failure }) => failure === undefined);
  const [first, ...others] = seen;
  const nowhere = (first?.missing ?? []).filter((id) => others.every(({ missing }) => missing.includes(id)));
  const where =
    regions.length === 1 ? 'it is not there' : `it is in none of ${seen.map((one) => one.region).join(', ')}`;
  const region = regions.length === 1 ? (first?.region ?? '') : '*';
  return nowhere.map((instanceId) => ({ region, instanceId, reason: `the policy names it, but ${where}` }));
}

/** Begins the line that says why the retention failed. */
export const RETENTION = 'retention: ';

/** What keeps a run from being complete, one line each. */
export function faultsOf(
  policy: string,
  regions: readonly RegionOutcome[],
  retention: v.InferOutput<typeof retentionOutcome>,
  missing: readonly Missing[],
): string[] {
  const faults = regions.flatMap(({ region, failure, batches }) => [
    ...(failure ? [`${region}: ${failure.Error}: ${failure.Cause}`] : []),
    ...batches.flatMap((one) =>
      one.failure ? [`${one.name}: ${one.failure.Error}: ${one.failure.Cause}`] : [],
    ),
  ]);
  const selected = regions.reduce((sum, one) => sum + one.selected, missing.length);
  if (selected === 0 && faults.length === 0)
    faults.push(`policy ${policy} selects no instance in ${regions.map((one) => one.region).join(', ')}`);
  if (retention.failure) faults.push(`${RETENTION}${retention.failure.Error}: ${retention.failure.Cause}`);
  return [
    ...faults,
    ...missing.map(({ region, instanceId, reason }) =>
      region === '*' ? `${instanceId}: ${reason}` : `${region} ${instanceId}: ${reason}`,
    ),
  ];
}
