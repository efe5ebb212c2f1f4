import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { listKey, readBatch, readList, writeBatch, writeList } from '../../shared/batch/batchStore.ts';
import { TAG_TOKENS } from '../../shared/batch/captureTokens.ts';
import { afterTags, giveUpTags, marking, withRefusals } from '../../shared/batch/marking.ts';
import { putTags } from '../../shared/batch/putTags.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { type TagJob, tagJobs } from '../../shared/batch/tagJobs.ts';
import {
  afterBurst,
  newBucket,
  nextBurst,
  requestBucket,
  secondsToNextBurst,
  untilNow,
} from '../../shared/bucket.ts';
import { sendBurst, sendingTime } from '../../shared/burst.ts';
import { byRegion } from '../../shared/clients.ts';
import { elapsedSince, lookInput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/** Seconds after a capture was asked for within which EC2 may not yet find what it has begun. */
const IDS_LAG = 90;

/**
 * Writes on everything of a batch what became of it, as far as EC2's request tokens go: to be repeated from `next`
 * until `ready`. The calls that are left lie in the staging bucket. What EC2 refuses to tag is written down in the
 * batch. @throws NotYetListed when something that is not there may only be too new
 */
export const markCaptures = task({
  name: 'MarkCaptures',
  input: v.object({
    batch: batchReference,
    /** How many calls have been made; at 0 all tags are put on anew. */
    from: v.pipe(v.number(), v.integer()),
    bucket: v.optional(requestBucket),
    ...lookInput,
  }),
  output: v.object({ ready: v.boolean(), next: v.number(), waitSeconds: v.number(), bucket: requestBucket }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, from, bucket, since, limitSeconds }, { aws, now, config }) => {
    const isOver = sendingTime(now);
    const place = { bucket: config.stagingBucket, key: listKey(reference.runId, `${reference.name}/tags`) };
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const anew = { left: tagJobs(batch, config), refused: [] };
    const before = from > 0 ? await readList(aws.s3, place, marking) : anew;
    const isNew = batch.items.some(
      ({ capturedAt }) => capturedAt !== undefined && elapsedSince(capturedAt, now()) < IDS_LAG,
    );
    const tokens = untilNow(bucket ?? newBucket(TAG_TOKENS, now()), now());
    const burst = nextBurst(tokens, before.left.length, now());
    const tag = (job: TagJob) => putTags(aws.ec2(batch.region), job, isNew);
    const sent = await sendBurst(before.left, burst, tag, { sideBySide: 1, isOver });
    const after = afterBurst(tokens, burst, sent, now());
    const sofar = afterTags(before, sent);
    const tooLate = elapsedSince(since, now()) > limitSeconds;
    const { left, refused } = tooLate ? giveUpTags(sofar, limitSeconds) : sofar;
    if (left.length > 0) await writeList(aws.s3, place, { left, refused });
    else if (refused.length > 0) {
      const items = withRefusals(batch.items, refused);
      await writeBatch(aws.s3, config.stagingBucket, { ...batch, items });
    }
    const waitSeconds = secondsToNextBurst(after, left.length, now());
    return { ready: left.length === 0, next: from + sent.done, waitSeconds, bucket: after };
  },
});
