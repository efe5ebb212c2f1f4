import { newBucket, type RequestBucket, secondsToNextBurst } from '../bucket.ts';
import type { Deletion } from './plan.ts';

/** Request tokens of DeregisterImage and of DeleteSnapshot: AWS's documentation, "Request throttling". */
const TOKENS = { size: 100, refill: 5 };

/** What is known of the request tokens for both kinds of deletion. */
export interface Buckets {
  images: RequestBucket;
  snapshots: RequestBucket;
}

/** Both buckets, before anything was asked of them. */
export function deletionBuckets(now: Date): Buckets {
  return { images: newBucket(TOKENS, now), snapshots: newBucket(TOKENS, now) };
}

/** Seconds until the next burst is worth sending, of whichever kind is ready first. */
export function secondsToDeletions(buckets: Buckets, left: readonly Deletion[], now: Date): number {
  const images = left.filter(({ kind }) => kind === 'ami').length;
  const snapshots = left.reduce((sum, each) => sum + (each.kind === 'ami' ? 0 : each.snapshotIds.length), 0);
  const waits = [
    ...(images > 0 ? [secondsToNextBurst(buckets.images, images, now)] : []),
    ...(snapshots > 0 ? [secondsToNextBurst(buckets.snapshots, snapshots, now)] : []),
  ];
  return waits.length > 0 ? Math.min(...waits) : 0;
}
