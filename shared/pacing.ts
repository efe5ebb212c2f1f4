/** Shortest and longest wait between two looks at something in progress, in seconds. */
const SHORTEST = 2; // a look costs three transitions; below this the looks cost more than the time they save
const LONGEST = 60; // the longest that "available" may stay unnoticed

/**
 * Seconds until the next look at something that has been in progress for `elapsed` seconds. The wait grows with what
 * has already been waited, so that the lag is at most 5% of the whole, whatever the progress says: AWS's figures
 * stand at 0 or 99, jump, or are empty.
 */
export function nextWait(elapsed: number): number {
  return Math.round(Math.min(LONGEST, Math.max(SHORTEST, elapsed * 0.05)));
}
