import * as v from 'valibot';
import { instant } from '../instant.ts';
import { runId } from '../recoveryPoint.ts';
import { keep } from '../retention/keep.ts';

/** Seconds before the window's end at which the copy is stopped, so that what follows is done in time. */
export const CLOSING = 900;

/** What every step of a run on EFS knows: which policy, which file systems, which worker, until when. */
export const efsRun = v.object({
  runId,
  executionArn: v.string(),
  policy: v.string(),
  /** The worker's Auto Scaling group. */
  group: v.string(),
  source: v.string(),
  destination: v.string(),
  /** On the destination. */
  folder: v.string(),
  subnets: v.array(v.string()),
  /** The worker's image is the user's own, and has its packages. */
  ownImage: v.boolean(),
  startedAt: instant,
  /** When the copy is to be stopped, and when the window is over. */
  stopAt: instant,
  windowEnd: instant,
  windowSeconds: v.number(),
  lockSeconds: v.number(),
  notify: v.picklist(['failures', 'always', 'never']),
  metricsEndpoint: v.optional(v.string()),
});
export type EfsRun = v.InferOutput<typeof efsRun>;

/** A run that makes a generation. */
export const backupRun = v.object({
  ...efsRun.entries,
  generation: v.string(),
  /** `yes`: the destination may get its sentinel; nothing of the policy is known to be there yet. */
  initialise: v.picklist(['yes', 'no']),
  sourceSentinel: v.string(),
  allowEmpty: v.picklist(['yes', 'no']),
  copySeconds: v.number(),
  keep,
  maxDeletions: v.union([v.object({ percent: v.number() }), v.object({ count: v.number() })]),
  /** In it the calendar's days begin. */
  timezone: v.string(),
});
export type BackupRun = v.InferOutput<typeof backupRun>;

/** A run that brings a generation back. */
export const restoreRun = v.object({
  ...efsRun.entries,
  /** Empty: the latest complete one. */
  generation: v.string(),
  subtree: v.string(),
  target: v.string(),
  targetMount: v.string(),
  existing: v.picklist(['keep-newer', 'overwrite', 'keep']),
  mirror: v.picklist(['no', 'plan', 'yes']),
  maxDeletions: v.number(),
});
export type RestoreRun = v.InferOutput<typeof restoreRun>;

/** Seconds from now to an instant, none below zero. */
export function secondsUntil(instant: string, now: Date): number {
  return Math.max(0, Math.floor((Date.parse(instant) - now.getTime()) / 1000));
}
