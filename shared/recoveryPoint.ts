import * as z from 'zod';

/** How a backup brings an instance to rest before its capture. */
export const consistencyAsked = z.enum(['reboot', 'stop', 'freeze', 'none']);
export type ConsistencyAsked = z.infer<typeof consistencyAsked>;

/** What was seen of it; `crash` is a capture of a machine that was writing. */
export const consistencySeen = z.enum(['rebooted', 'stopped', 'frozen', 'crash']);
export type ConsistencySeen = z.infer<typeof consistencySeen>;

/** A run's name: it stands in names and tags of limited length and alphabet (executions have 80 characters). */
export const runId = z.string().regex(/^[A-Za-z0-9_-]{1,50}$/, 'letters, digits, - and _, at most 50');

export const instanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'an instance id, i-…');
export const imageId = z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'an image id, ami-…');

/**
 * Absolute paths that the documents take as one space-separated parameter. Not `/`: what an operating system writes by
 * itself never compares equal.
 */
export const paths = z
  .array(
    z
      .string()
      .regex(
        /^(\/[A-Za-z0-9._-]+)+$/,
        'an absolute path below / of letters, digits and . _ - /, with no / at its end',
      ),
  )
  .max(20);

/** One EBS volume of an instance, as far as a backup must hold it. */
export const volumeFacts = z.object({
  volumeId: z.string(),
  deviceName: z.string(),
  sizeGiB: z.number(),
  encrypted: z.boolean(),
});
export type VolumeFacts = z.infer<typeof volumeFacts>;

/** The copy of one volume in a recovery point. */
export const snapshotFacts = z.object({
  snapshotId: z.string(),
  volumeId: z.string(),
  deviceName: z.string(),
  sizeGiB: z.number(),
  encrypted: z.boolean(),
  /** ISO 8601: the instant whose data it holds. */
  startTime: z.iso.datetime(),
  completedAt: z.iso.datetime().optional(),
});
export type SnapshotFacts = z.infer<typeof snapshotFacts>;

/** A manifest kept in the evidence bucket. */
export const keptManifest = z.object({
  bucket: z.string(),
  key: z.string(),
  /** Of the stored, gzipped object. */
  sha256: z.string(),
  entries: z.number(),
  files: z.number(),
  /** Sum of the sizes of all regular files. */
  bytes: z.number(),
  /** ISO 8601, by the instance's clock. */
  takenAt: z.string(),
});

/** One backup of one instance: what ami-backup returns and the points table holds. */
export const recoveryPoint = z.object({
  imageId,
  /** The instance that it is a backup of. */
  resource: z.string(),
  /** ISO 8601: the earliest instant of its snapshots. */
  createdAt: z.iso.datetime(),
  consistency: z.object({ asked: consistencyAsked, seen: consistencySeen }),
  snapshots: z.array(snapshotFacts).min(1),
  /** Key of the launch fingerprint in the evidence bucket. */
  fingerprintKey: z.string(),
  /** Present when the backup was asked to be validated. */
  manifest: keptManifest.optional(),
  nonce: z.string().optional(),
});
export type RecoveryPoint = z.infer<typeof recoveryPoint>;
