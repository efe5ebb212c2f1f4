import * as z from 'zod';
import { runId } from '../recoveryPoint.ts';
import { keep } from '../retention/keep.ts';

/** Seconds before the window's end at which the copy is stopped, so that what follows is done in time. */
export const CLOSING = 900;

const instant = z.iso.datetime();

/** What every step of a run on EFS knows: which policy, which file systems, which worker, until when. */
export const efsRun = z.object({
  runId,
  executionArn: z.string(),
  policy: z.string(),
  /** The worker's Auto Scaling group. */
  group: z.string(),
  source: z.string(),
  destination: z.string(),
  /** On the destination. */
  folder: z.string(),
  subnets: z.array(z.string()),
  /** The worker's image is the user's own, and has its packages. */
  ownImage: z.boolean(),
  startedAt: instant,
  /** When the copy is to be stopped, and when the window is over. */
  stopAt: instant,
  windowEnd: instant,
  windowSeconds: z.number(),
  lockSeconds: z.number(),
  notify: z.enum(['failures', 'always', 'never']),
  metricsEndpoint: z.string().optional(),
});
export type EfsRun = z.infer<typeof efsRun>;

/** A run that makes a generation. */
export const backupRun = efsRun.extend({
  generation: z.string(),
  /** `yes`: the destination may get its sentinel; nothing of the policy is known to be there yet. */
  initialise: z.enum(['yes', 'no']),
  sourceSentinel: z.string(),
  allowEmpty: z.enum(['yes', 'no']),
  copySeconds: z.number(),
  keep,
  maxDeletions: z.union([z.object({ percent: z.number() }), z.object({ count: z.number() })]),
  /** In it the calendar's days begin. */
  timezone: z.string(),
});
export type BackupRun = z.infer<typeof backupRun>;

/** A run that brings a generation back. */
export const restoreRun = efsRun.extend({
  /** Empty: the latest complete one. */
  generation: z.string(),
  subtree: z.string(),
  target: z.string(),
  targetMount: z.string(),
  existing: z.enum(['keep-newer', 'overwrite', 'keep']),
  mirror: z.enum(['no', 'plan', 'yes']),
  maxDeletions: z.number(),
});
export type RestoreRun = z.infer<typeof restoreRun>;

/** Seconds from now to an instant, none below zero. */
export function secondsUntil(instant: string, now: Date): number {
  return Math.max(0, Math.floor((Date.parse(instant) - now.getTime()) / 1000));
}
