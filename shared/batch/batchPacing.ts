/** Seconds between two looks while nothing of the batch completes: the longest that the first may stay unnoticed. */
const QUIET = 59; // a minute, less the time that a look takes
/**
 * While the batch completes, the time between two looks goes with one over the square root of the rate, which for a
 * number of looks leaves the least unnoticed in sum. With this factor a batch that completes evenly within 12 minutes is
 * looked at every 35 seconds, so that half of it is noticed within 20.
 */
const FLOWING = 1.31;
/** The shortest time between two looks at a batch that completes all at once; a look costs three transitions. */
const SHORTEST = 20;
/** Seconds after which a batch is waited for with growing patience: by then it is a matter of hours. */
const SOON = 3600;
/** What a look may come late by after that, as a part of what has been waited already. */
const LATE_SHARE = 0.03; // 48 hours then take some 130 looks, 1,200 events of the history's 25,000

/** What a look at a batch has seen. */
export interface Seen {
  pending: number;
  /** The most that was ever seen pending. */
  most: number;
  /** ISO 8601. */
  at: string;
}

/**
 * Seconds until the next look at a batch. Only time and what has completed decide: AWS's progress stands at 0 or 99,
 * jumps, or is empty, and no figure of it may make a completed backup wait longer to be noticed.
 * @param elapsed seconds since its first capture was asked for
 */
export function nextBatchLook(elapsed: number, before: Seen, now: Seen): number {
  if (elapsed > SOON) return Math.round(elapsed * LATE_SHARE);
  const young = Math.max(5, elapsed * 0.25); // small disks are done within a minute
  const seconds = Math.max(1, (Date.parse(now.at) - Date.parse(before.at)) / 1000);
  const rate = Math.max(0, before.pending - now.pending) / Math.max(1, now.most) / seconds;
  const flowing = rate > 0 ? Math.max(SHORTEST, FLOWING / Math.sqrt(rate)) : QUIET;
  return Math.round(Math.min(QUIET, flowing, young));
}
