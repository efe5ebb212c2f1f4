import * as v from 'valibot';
import { newBucket, requestBucket, secondsToNextBurst, untilNow } from '../bucket.ts';
import type { Deletion } from './plan.ts';

/** Request tokens of DeregisterImage and of DeleteSnapshot: AWS's documentation, "Request throttling". */
const TOKENS = { size: 100, refill: 5 };
/** Those of DescribeSnapshotAttribute, from the same page. */
const LOOKS = { size: 100, refill: 20 };

/** What is known of the request tokens for both kinds of deletion, and for the question who else may use a snapshot. */
export const buckets = v.object({ images: requestBucket, snapshots: requestBucket, looks: requestBucket });
export type Buckets = v.InferOutput<typeof buckets>;

/** All buckets, before anything was asked of them. */
export function deletionBuckets(now: Date): Buckets {
  return {
    images: newBucket(TOKENS, now),
    snapshots: newBucket(TOKENS, now),
    looks: newBucket(LOOKS, now),
  };
}

/** Those of the points for which there are tokens to ask of each snapshot who else may use it. */
export function withinLooks(due: readonly Deletion[], { looks }: Buckets, now: Date): Deletion[] {
  let tokens = Math.floor(untilNow(looks, now).tokens);
  return due.filter((each) => {
    const fits = looksOf(each) <= tokens;
    if (fits) tokens -= looksOf(each);
    return fits;
  });
}

/** Seconds until the next burst is worth sending, of whichever kind is ready first. */
export function secondsToDeletions(known: Buckets, left: readonly Deletion[], now: Date): number {
  const images = left.filter(({ kind }) => kind === 'ami');
  const sets = left.filter(({ kind }) => kind === 'snapshots');
  const members = sets.reduce((sum, { snapshotIds }) => sum + snapshotIds.length, 0);
  const waits = [
    ...(images.length > 0 ? [waitFor(images, secondsToNextBurst(known.images, images.length, now))] : []),
    ...(sets.length > 0 ? [waitFor(sets, secondsToNextBurst(known.snapshots, members, now))] : []),
  ];
  return waits.length > 0 ? Math.min(...waits) : 0;

  function waitFor(points: readonly Deletion[], seconds: number): number {
    return Math.max(seconds, secondsToLooks(points, known, now));
  }
}

/** Until half a bucket is there, or what all the points take; but enough for the first of them at least. */
function secondsToLooks(points: readonly Deletion[], { looks }: Buckets, now: Date): number {
  const [first = 0, ...more] = points.map(looksOf);
  const all = more.reduce((sum, each) => sum + each, first);
  const wanted = Math.max(first, Math.min(all, looks.size / 2));
  return Math.max(0, Math.ceil((wanted - untilNow(looks, now).tokens) / looks.rate));
}

/** As many as fill a bucket are all that can ever be there at once. */
function looksOf({ snapshotIds }: Deletion): number {
  return Math.min(LOOKS.size, snapshotIds.length);
}
