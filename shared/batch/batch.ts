import * as v from 'valibot';
import { instant } from '../instant.ts';
import { policy } from '../policy/policy.ts';
import {
  consistencySeen,
  instanceId,
  keptManifest,
  runId,
  snapshotFacts,
  volumeFacts,
} from '../recoveryPoint.ts';
import { tagValues } from '../tagValues.ts';

/** Resources of a batch, at most: what one page of a Describe call shows, and what one poll can look at. */
export const LARGEST_BATCH = 1000;

/** One volume of an instance, with the tags that a policy may copy to its snapshot. */
export const batchVolume = v.object({ ...volumeFacts.entries, tags: tagValues });
export type BatchVolume = v.InferOutput<typeof batchVolume>;

/** One instance of a batch: what its recovery point must hold, and what has become of it so far. */
export const batchItem = v.object({
  instanceId,
  running: v.boolean(),
  rootDeviceName: v.string(),
  /** What the point must hold. */
  volumes: v.array(batchVolume),
  /** What the policy leaves out. */
  leftOut: v.array(volumeFacts),
  /** The instance's own tags. */
  tags: tagValues,
  /** `selected` until its capture began, `captured` until it was verified; `failed` says why. */
  state: v.picklist(['selected', 'captured', 'verified', 'failed']),
  reason: v.optional(v.string()),
  /** The image's id, or `<run>/<instance>` of a set of snapshots. */
  pointId: v.optional(v.string()),
  /** The image and its snapshots, or the snapshots of the set, as far as they are known. */
  ids: v.optional(v.array(v.string())),
  /** The copies of its volumes, once they are verified. */
  snapshots: v.optional(v.array(snapshotFacts)),
  /** ISO 8601: when its capture was asked for. */
  capturedAt: v.optional(instant),
  consistency: v.optional(consistencySeen),
  /** Its manifest and the nonce that was left on it, where the policy asks for validation. */
  manifest: v.optional(keptManifest),
  nonce: v.optional(v.string()),
  /** The item failed after its capture: the point may be good all the same, and is then what to restore from. */
  failedLate: v.optional(v.boolean()),
  /** What the point's tags are to say. */
  point: v.optional(v.picklist(['verified', 'failed'])),
  /** What could not be done beside its point, such as a tag of the policy's that EC2 refused. */
  warnings: v.optional(v.array(v.string())),
  /** ISO 8601: when the lock of the instance was taken. */
  lockedAt: v.optional(instant),
  /** ISO 8601: when a try was about to ask for it whose answer is not known. */
  attemptedAt: v.optional(instant),
  /** How often EC2 has asked to come back later with this one, and when that is. */
  tries: v.optional(v.number()),
  notBefore: v.optional(instant),
});
export type BatchItem = v.InferOutput<typeof batchItem>;

/** Up to 1,000 instances of one Region that are captured together. It is also the ledger of what it makes. */
export const batch = v.object({
  runId,
  policy,
  region: v.string(),
  accountId: v.string(),
  /** `<Region>-<number>` */
  name: v.string(),
  /** Object in the evidence bucket that holds the launch fingerprints of all its instances, by instance id. */
  fingerprintKey: v.string(),
  items: v.array(batchItem),
});
export type Batch = v.InferOutput<typeof batch>;

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
