import * as z from 'zod';
import { policy } from '../policy/policy.ts';
import {
  consistencySeen,
  instanceId,
  keptManifest,
  runId,
  snapshotFacts,
  volumeFacts,
} from '../recoveryPoint.ts';

/** Resources of a batch, at most: what one page of a Describe call shows, and what one poll can look at. */
export const LARGEST_BATCH = 1000;

/** One volume of an instance, with the tags that a policy may copy to its snapshot. */
export const batchVolume = volumeFacts.extend({ tags: z.record(z.string(), z.string()) });
export type BatchVolume = z.infer<typeof batchVolume>;

/** One instance of a batch: what its recovery point must hold, and what has become of it so far. */
export const batchItem = z.object({
  instanceId,
  running: z.boolean(),
  rootDeviceName: z.string(),
  /** What the point must hold. */
  volumes: z.array(batchVolume),
  /** What the policy leaves out. */
  leftOut: z.array(volumeFacts),
  /** The instance's own tags. */
  tags: z.record(z.string(), z.string()),
  /** `selected` until its capture began, `captured` until it was verified; `failed` says why. */
  state: z.enum(['selected', 'captured', 'verified', 'failed']),
  reason: z.string().optional(),
  /** The image's id, or `<run>/<instance>` of a set of snapshots. */
  pointId: z.string().optional(),
  /** The image and its snapshots, or the snapshots of the set, as far as they are known. */
  ids: z.array(z.string()).optional(),
  /** The copies of its volumes, once they are verified. */
  snapshots: z.array(snapshotFacts).optional(),
  /** ISO 8601: when its capture was asked for. */
  capturedAt: z.iso.datetime().optional(),
  consistency: consistencySeen.optional(),
  /** Its manifest and the nonce that was left on it, where the policy asks for validation. */
  manifest: keptManifest.optional(),
  nonce: z.string().optional(),
  /** The item failed after its capture: the point may be good all the same, and is then what to restore from. */
  failedLate: z.boolean().optional(),
  /** What the point's tags are to say. */
  point: z.enum(['verified', 'failed']).optional(),
  /** ISO 8601: when the lock of the instance was taken. */
  lockedAt: z.iso.datetime().optional(),
  /** ISO 8601: when a try was about to ask for it whose answer is not known. */
  attemptedAt: z.iso.datetime().optional(),
  /** How often EC2 has asked to come back later with this one, and when that is. */
  tries: z.number().optional(),
  notBefore: z.iso.datetime().optional(),
});
export type BatchItem = z.infer<typeof batchItem>;

/** Up to 1,000 instances of one Region that are captured together. It is also the ledger of what it makes. */
export const batch = z.object({
  runId,
  policy,
  region: z.string(),
  accountId: z.string(),
  /** `<Region>-<number>` */
  name: z.string(),
  /** Object in the evidence bucket that holds the launch fingerprints of all its instances, by instance id. */
  fingerprintKey: z.string(),
  items: z.array(batchItem),
});
export type Batch = z.infer<typeof batch>;

/** How many of its items have come how far. */
export function countsOf(items: readonly BatchItem[]): Record<BatchItem['state'], number> {
  const counts = { selected: 0, captured: 0, verified: 0, failed: 0 };
  for (const { state } of items) counts[state] += 1;
  return counts;
}

/** The item as one that failed. */
export function failed(item: BatchItem, reason: string): BatchItem {
  return { ...item, state: 'failed', reason: reason.slice(0, 500) };
}
