import type { Batch } from './batch/batch.ts';
import type { Config } from './config.ts';
import {
  type FleetReport,
  faultsOf,
  type Made,
  type Missing,
  missingEverywhere,
  type RegionOutcome,
} from './fleet.ts';

/**
 * The report of a run, from what its batches' lists say; what a batch left open has no point. Of a dry run: what would
 * be backed up, and what could not be.
 */
export function fleetReport(
  run: {
    runId: string;
    policy: { name: string };
    startedAt: string;
    regions: readonly RegionOutcome[];
    retention: { failure?: { Error: string; Cause: string } | undefined };
    dryRun: boolean;
  },
  batches: readonly Batch[],
  config: Config,
  now: Date,
): FleetReport {
  const points: Made[] = [];
  const planned: FleetReport['planned'] = [];
  const missing: Missing[] = [];
  const warnings = batches.flatMap(({ region, items }) =>
    items.flatMap(({ warnings = [] }) => warnings.map((line) => `${region} ${line}`)),
  );
  for (const { region, items } of batches)
    for (const { state, instanceId, pointId = '', consistency = 'crash', reason, volumes } of items) {
      if (run.dryRun && state === 'selected') planned.push({ region, instanceId, volumes: volumes.length });
      else if (state === 'verified') points.push({ region, instanceId, pointId, consistency });
      else missing.push({ region, instanceId, reason: reason ?? `left ${state}` });
    }
  const { runId, policy, regions, retention, startedAt } = run;
  const nowhere = missingEverywhere(regions);
  missing.push(...nowhere);
  const failures = faultsOf(policy.name, regions, retention, missing);
  return {
    format: 'backup-drill fleet report 1',
    runId,
    policy: policy.name,
    deployment: { name: config.deployment, version: config.version },
    startedAt,
    finishedAt: now.toISOString(),
    status: failures.length === 0 ? 'complete' : 'incomplete',
    counts: {
      regions: regions.length,
      selected: regions.reduce((sum, one) => sum + one.selected, nowhere.length),
      verified: points.length,
      failed: missing.length,
    },
    failures,
    warnings,
    missing,
    points,
    ...(run.dryRun && { planned }),
    retention,
  };
}
