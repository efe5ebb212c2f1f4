import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { nextBatchLook } from '../../shared/batch/batchPacing.ts';
import { pendingOf } from '../../shared/batch/pending.ts';
import { batchReference, batchTag } from '../../shared/batch/reference.ts';
import { byRegion } from '../../shared/clients.ts';
import { instant } from '../../shared/instant.ts';
import { elapsedSince } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/** Seconds after the last capture for which a list may not show it: until then nothing listed is not nothing pending. */
const LISTS_LAG = 90;

const seen = v.object({ pending: v.number(), most: v.number(), at: instant });

/**
 * Looks at all captures of a batch in one call, by the batch's tag: how many are still pending. `ready` when none is,
 * or when the limit has passed; what failed is found when they are verified.
 */
export const checkCaptures = task({
  name: 'CheckCaptures',
  input: v.object({
    batch: batchReference,
    region: v.string(),
    capture: v.picklist(['ami', 'snapshots']),
    /** ISO 8601: when the first capture was asked for, and when the last. */
    since: instant,
    lastAt: instant,
    /** What the last look saw. */
    seen,
    limitSeconds: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  output: v.object({
    ready: v.boolean(),
    seen,
    waitSeconds: v.number(),
  }),
  aws: (settings) => ({ ec2: byRegion((region) => new EC2Client({ ...settings, region })) }),
  run: async ({ batch, region, capture, since, lastAt, seen, limitSeconds }, { aws, now }) => {
    const at = now();
    const pending = await pendingOf(aws.ec2(region), capture, batchTag(batch));
    const sees = { pending, most: Math.max(seen.most, pending), at: at.toISOString() };
    const elapsed = elapsedSince(since, at);
    const listed = elapsedSince(lastAt, at) > LISTS_LAG;
    return {
      ready: (pending === 0 && listed) || elapsed > limitSeconds,
      seen: sees,
      waitSeconds: nextBatchLook(elapsed, seen, sees),
    };
  },
});
