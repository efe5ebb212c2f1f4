import * as v from 'valibot';
import { remainder } from './cleanup.ts';
import { fingerprintComparison } from './fingerprint.ts';
import { instant } from './instant.ts';
import { recoveryPoint, volumeFacts } from './recoveryPoint.ts';
import { resource } from './runResources.ts';

/** What a comparison of two manifests found, without the manifests. */
export const comparisonFacts = v.object({
  compared: v.number(),
  missing: v.number(),
  extra: v.number(),
  changed: v.number(),
  inFlux: v.number(),
  failures: v.array(v.string()),
  /** ISO 8601. */
  comparedAt: instant,
  nonce: v.optional(v.object({ compared: v.number(), failures: v.array(v.string()) })),
});
export type ComparisonFacts = v.InferOutput<typeof comparisonFacts>;

/** What a drill has seen so far; each part is there once its step is done. */
export const drillFacts = v.partial(
  v.object({
    endpoints: v.object({ endpointIds: v.array(v.string()), created: v.number() }),
    isolation: v.object({ looked: v.number(), subnetId: v.string(), instanceProfile: v.string() }),
    source: v.object({
      instanceId: v.string(),
      imageId: v.string(),
      launchTime: instant,
      accountId: v.string(),
    }),
    volumes: v.array(volumeFacts),
    seeded: v.looseObject({ entries: v.number(), bytes: v.number() }),
    preBackup: comparisonFacts,
    recoveryPoint,
    accepted: v.object({ acceptedAt: instant }),
    terminated: v.object({ terminatedAt: instant }),
    restored: v.object({
      instanceId: v.string(),
      imageId: v.string(),
      launchedAt: instant,
      runningAt: instant,
      statusOkAt: instant,
      onlineAt: instant,
      volumes: v.array(v.object({ volumeId: v.string(), deviceName: v.string(), snapshotId: v.string() })),
      fingerprint: fingerprintComparison,
    }),
    inspection: v.looseObject({
      bootId: v.string(),
      mounts: v.array(
        v.looseObject({ path: v.string(), mounted: v.boolean(), clean: v.boolean(), device: v.string() }),
      ),
    }),
    comparison: comparisonFacts,
    cleanup: v.object({ removed: v.number(), remaining: v.array(remainder), lookedAt: instant }),
    sweep: v.object({
      leftovers: v.array(resource),
      disagreements: v.array(v.string()),
      ledger: v.number(),
      lookedAt: instant,
    }),
  }),
);
export type DrillFacts = v.InferOutput<typeof drillFacts>;

/** The first error of a run, as its machine caught it. */
export const runFailure = v.object({ Error: v.string(), Cause: v.string() });
export type RunFailure = v.InferOutput<typeof runFailure>;

/** One check of a drill. */
export const check = v.object({
  name: v.string(),
  mandatory: v.boolean(),
  /** False when it could not be made; then it has not passed either. */
  ran: v.boolean(),
  passed: v.boolean(),
  /** How many things were looked at. */
  count: v.number(),
  summary: v.string(),
  /** Up to 20. */
  failures: v.array(v.string()),
});
export type Check = v.InferOutput<typeof check>;

export const verdict = v.picklist(['PASS', 'FAILED', 'INCONCLUSIVE']);

/** What a drill came to: its machine's output, and the heart of its run record and its evidence. */
export const drillResult = v.object({
  verdict,
  runId: v.string(),
  checks: v.array(check),
  rto: v.optional(
    v.object({
      seconds: v.number(),
      objectiveSeconds: v.number(),
      steps: v.array(v.object({ step: v.string(), seconds: v.number() })),
    }),
  ),
  rpo: v.optional(v.object({ seconds: v.number(), objectiveSeconds: v.number() })),
  recoveryPoint: v.optional(recoveryPoint),
  leftovers: v.array(resource),
  startedAt: instant,
  finishedAt: instant,
  failure: v.optional(runFailure),
});
export type DrillResult = v.InferOutput<typeof drillResult>;
