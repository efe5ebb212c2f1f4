import type { Config } from './config.ts';
import type { DrillFacts, DrillResult } from './drillFacts.ts';
import type { DrillSettings } from './drillSettings.ts';
import type { ExecutionStep } from './executionSteps.ts';

/** Key of a drill's evidence, by the day on which it began. */
export function evidenceKey({ startedAt, runId }: Pick<DrillSettings, 'startedAt' | 'runId'>): string {
  return `drills/${startedAt.slice(0, 10)}/${runId}.json`;
}

/** Everything that an auditor asks of a drill, as one document. Times are UTC. */
export function evidenceOf(
  run: DrillSettings,
  facts: DrillFacts,
  result: DrillResult,
  steps: readonly ExecutionStep[],
  config: Config,
): object {
  return {
    format: 'backup-drill evidence 1',
    runId: run.runId,
    verdict: result.verdict,
    deployment: { name: config.deployment, version: config.version, region: config.region },
    // Whoever was allowed to start this execution has approved it; CloudTrail has the person to the ARN.
    execution: { arn: run.executionArn, startedAt: run.startedAt, judgedAt: result.finishedAt },
    objectives: { rtoSeconds: run.rtoSeconds, rpoSeconds: run.rpoSeconds },
    achieved: { rto: result.rto ?? null, rpo: result.rpo ?? null },
    scope: {
      mode: run.mode,
      source: facts.source ?? null,
      volumes: facts.volumes ?? [],
      paths: run.paths,
      data: run.data ?? 'a built-in set of files',
      seeded: facts.seeded ?? null,
    },
    recoveryPoint: facts.recoveryPoint ?? null,
    evidenceLock: { bucket: config.evidenceBucket, key: evidenceKey(run) },
    environment: { isolation: facts.isolation ?? null, endpoints: facts.endpoints ?? null },
    restored: facts.restored ?? null,
    integrity: {
      method:
        'Each path is walked before the backup and in the restored copy; every entry is compared by path, kind, size, mode, owner, link target and SHA-256. A nonce written just before the backup proves which backup was restored.',
      beforeBackup: facts.preBackup ?? null,
      restored: facts.comparison ?? null,
      fileSystems: facts.inspection ?? null,
    },
    checks: result.checks,
    deviations: deviationsOf(facts, result),
    cleanup: { removal: facts.cleanup ?? null, sweep: facts.sweep ?? null },
    steps,
  };
}

/** What was otherwise than planned, in words; none for a drill as in the book. */
export function deviationsOf(facts: DrillFacts, result: DrillResult): string[] {
  const { failure, checks } = result;
  const differences = facts.restored?.fingerprint.differences ?? [];
  return [
    ...(failure ? [`the run failed: ${failure.Error}: ${failure.Cause}`] : []),
    ...checks.filter((check) => !check.ran).map((check) => `the check ${check.name} could not be made`),
    ...differences
      .filter((difference) => difference.onPurpose)
      .map(
        ({ field, expected, actual }) =>
          `the copy's ${field} is ${actual} on purpose, the source's was ${expected}`,
      ),
  ];
}
