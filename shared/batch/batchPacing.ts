/** Seconds between two looks while nothing of the batch completes: the longest that the first may stay unnoticed. */
const QUIET = 57; // a minute, less the time that a look takes
/** Seconds between two looks while the batch completes one after the other: half of them are noticed within half of it. */
const FLOWING = 37;
/** Seconds after which a batch is waited for with growing patience: by then it is a matter of hours. */
const SOON = 3600;
/** What a look may come late by after that, as a part of what has been waited already. */
const LATE_SHARE = 0.03; // 48 hours then take some 130 looks, 1,200 events of the history's 25,000

/**
 * Seconds until the next look at a batch. Only time and what has completed decide: AWS's progress stands at 0 or 99,
 * jumps, or is empty, and no figure of it may make a completed backup wait longer to be noticed.
 * @param elapsed seconds since its first capture was asked for
 * @param completed how many were found completed by the last look
 */
export function nextBatchLook(elapsed: number, completed: number): number {
  const young = Math.max(5, elapsed * 0.25); // small disks are done within a minute
  if (elapsed > SOON) return Math.round(elapsed * LATE_SHARE);
  return Math.round(Math.min(completed > 0 ? FLOWING : QUIET, young));
}
