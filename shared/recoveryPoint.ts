import * as v from 'valibot';
import { instant } from './instant.ts';

/** How a backup brings an instance to rest before its capture. */
export const consistencyAsked = v.picklist(['reboot', 'stop', 'freeze', 'none']);
export type ConsistencyAsked = v.InferOutput<typeof consistencyAsked>;

/** What was seen of it; `crash` is a capture of a machine that was writing. */
export const consistencySeen = v.picklist(['rebooted', 'stopped', 'frozen', 'crash']);
export type ConsistencySeen = v.InferOutput<typeof consistencySeen>;

/** A run's name: it stands in names and tags of limited length and alphabet (executions have 80 characters). */
export const runId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,50}$/, 'letters, digits, - and _, at most 50'),
);

export const instanceId = v.pipe(v.string(), v.regex(/^i-[0-9a-f]{8,17}$/, 'an instance id, i-…'));
export const imageId = v.pipe(v.string(), v.regex(/^ami-[0-9a-f]{8,17}$/, 'an image id, ami-…'));

/**
 * Absolute paths that the documents take as one space-separated parameter. Not `/`: what an operating system writes by
 * itself never compares equal.
 */
export const paths = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.regex(
        /^(\/[A-Za-z0-9._-]+)+$/,
        'an absolute path below / of letters, digits and . _ - /, with no / at its end',
      ),
    ),
  ),
  v.maxLength(20),
);

/** One EBS volume of an instance, as far as a backup must hold it. */
export const volumeFacts = v.object({
  volumeId: v.string(),
  deviceName: v.string(),
  sizeGiB: v.number(),
  encrypted: v.boolean(),
});
export type VolumeFacts = v.InferOutput<typeof volumeFacts>;

/** The copy of one volume in a recovery point. */
export const snapshotFacts = v.object({
  snapshotId: v.string(),
  volumeId: v.string(),
  deviceName: v.string(),
  sizeGiB: v.number(),
  encrypted: v.boolean(),
  /** ISO 8601: the instant whose data it holds. */
  startTime: instant,
  completedAt: v.optional(instant),
});
export type SnapshotFacts = v.InferOutput<typeof snapshotFacts>;

/** A manifest kept in the evidence bucket. */
export const keptManifest = v.object({
  bucket: v.string(),
  key: v.string(),
  /** Of the stored, gzipped object. */
  sha256: v.string(),
  entries: v.number(),
  files: v.number(),
  /** Sum of the sizes of all regular files. */
  bytes: v.number(),
  /** ISO 8601, by the instance's clock. */
  takenAt: v.string(),
});

/** One backup of one instance: what ami-backup returns and the points table holds. */
export const recoveryPoint = v.object({
  imageId,
  /** The instance that it is a backup of. */
  resource: v.string(),
  /** ISO 8601: the earliest instant of its snapshots. */
  createdAt: instant,
  consistency: v.object({ asked: consistencyAsked, seen: consistencySeen }),
  snapshots: v.pipe(v.array(snapshotFacts), v.minLength(1)),
  /** Key of the launch fingerprint in the evidence bucket. */
  fingerprintKey: v.string(),
  /** Present when the backup was asked to be validated. */
  manifest: v.optional(keptManifest),
  nonce: v.optional(v.string()),
});
export type RecoveryPoint = v.InferOutput<typeof recoveryPoint>;
