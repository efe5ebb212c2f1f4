import * as z from 'zod';
import { remainder } from './cleanup.ts';
import { fingerprintComparison } from './fingerprint.ts';
import { recoveryPoint, volumeFacts } from './recoveryPoint.ts';
import { resource } from './runResources.ts';

/** What a comparison of two manifests found, without the manifests. */
export const comparisonFacts = z.object({
  compared: z.number(),
  missing: z.number(),
  extra: z.number(),
  changed: z.number(),
  inFlux: z.number(),
  failures: z.array(z.string()),
  /** ISO 8601. */
  comparedAt: z.iso.datetime(),
  nonce: z.object({ compared: z.number(), failures: z.array(z.string()) }).optional(),
});
export type ComparisonFacts = z.infer<typeof comparisonFacts>;

/** What a drill has seen so far; each part is there once its step is done. */
export const drillFacts = z
  .object({
    endpoints: z.object({ endpointIds: z.array(z.string()), created: z.number() }),
    isolation: z.object({ looked: z.number(), subnetId: z.string(), instanceProfile: z.string() }),
    source: z.object({
      instanceId: z.string(),
      imageId: z.string(),
      launchTime: z.iso.datetime(),
      accountId: z.string(),
    }),
    volumes: z.array(volumeFacts),
    seeded: z.looseObject({ entries: z.number(), bytes: z.number() }),
    preBackup: comparisonFacts,
    recoveryPoint,
    accepted: z.object({ acceptedAt: z.iso.datetime() }),
    terminated: z.object({ terminatedAt: z.iso.datetime() }),
    restored: z.object({
      instanceId: z.string(),
      imageId: z.string(),
      launchedAt: z.iso.datetime(),
      runningAt: z.iso.datetime(),
      statusOkAt: z.iso.datetime(),
      onlineAt: z.iso.datetime(),
      volumes: z.array(z.object({ volumeId: z.string(), deviceName: z.string(), snapshotId: z.string() })),
      fingerprint: fingerprintComparison,
    }),
    inspection: z.looseObject({
      bootId: z.string(),
      mounts: z.array(
        z.looseObject({ path: z.string(), mounted: z.boolean(), clean: z.boolean(), device: z.string() }),
      ),
    }),
    comparison: comparisonFacts,
    cleanup: z.object({ removed: z.number(), remaining: z.array(remainder), lookedAt: z.iso.datetime() }),
    sweep: z.object({
      leftovers: z.array(resource),
      disagreements: z.array(z.string()),
      ledger: z.number(),
      lookedAt: z.iso.datetime(),
    }),
  })
  .partial();
export type DrillFacts = z.infer<typeof drillFacts>;

/** The first error of a run, as its machine caught it. */
export const runFailure = z.object({ Error: z.string(), Cause: z.string() });
export type RunFailure = z.infer<typeof runFailure>;

/** One check of a drill. */
export const check = z.object({
  name: z.string(),
  mandatory: z.boolean(),
  /** False when it could not be made; then it has not passed either. */
  ran: z.boolean(),
  passed: z.boolean(),
  /** How many things were looked at. */
  count: z.number(),
  summary: z.string(),
  /** Up to 20. */
  failures: z.array(z.string()),
});
export type Check = z.infer<typeof check>;

export const verdict = z.enum(['PASS', 'FAILED', 'INCONCLUSIVE']);

/** What a drill came to: its machine's output, and the heart of its run record and its evidence. */
export const drillResult = z.object({
  verdict,
  runId: z.string(),
  checks: z.array(check),
  rto: z
    .object({
      seconds: z.number(),
      objectiveSeconds: z.number(),
      steps: z.array(z.object({ step: z.string(), seconds: z.number() })),
    })
    .optional(),
  rpo: z.object({ seconds: z.number(), objectiveSeconds: z.number() }).optional(),
  recoveryPoint: recoveryPoint.optional(),
  leftovers: z.array(resource),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  failure: runFailure.optional(),
});
export type DrillResult = z.infer<typeof drillResult>;
