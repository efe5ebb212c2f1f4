import * as v from 'valibot';
import { ResourceFailed } from './errors.ts';
import { instant } from './instant.ts';
import { nextWait } from './pacing.ts';

/** What every task that looks at something in progress is told beside the thing itself. */
export const lookInput = {
  /** ISO 8601: when the waiting began. */
  since: instant,
  /** Seconds after which waiting longer makes no sense. */
  limitSeconds: v.pipe(v.number(), v.integer(), v.minValue(1)),
};

/** What every look returns; a machine waits `waitSeconds` and looks again until `ready`. */
export const lookOutput = {
  ready: v.boolean(),
  waitSeconds: v.number(),
  /** `<resource>:<event>`, what this look is waiting for. */
  waitedFor: v.array(v.string()),
  /** ISO 8601: when the waiting began; what was ready before was not waited for. */
  since: instant,
  /** ISO 8601: when this look was taken. */
  lookedAt: instant,
};

/** Seconds for which AWS may answer NotFound of what it has just made; after that it is believed. */
export const GRACE = 300;

/** Seconds between the beginning of a wait and now. */
export function elapsedSince(since: string, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(since)) / 1000);
}

/** The answer of a look. @throws ResourceFailed when the limit has passed and it is not ready. */
export function look(
  ready: boolean,
  waitedFor: string[],
  { since, limitSeconds, now }: { since: string; limitSeconds: number; now: Date },
) {
  const elapsed = elapsedSince(since, now);
  if (!ready && elapsed > limitSeconds)
    throw new ResourceFailed(`${waitedFor.join(', ')} did not come within ${limitSeconds} seconds`);
  return { ready, waitSeconds: nextWait(elapsed), waitedFor, since, lookedAt: now.toISOString() };
}
