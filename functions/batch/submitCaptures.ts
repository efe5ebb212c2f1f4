import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readBatch, writeBatch } from '../../shared/batch/batchStore.ts';
import { attempted, captureItem, refusalOfAll } from '../../shared/batch/captureItem.ts';
import { dueItems, secondsToNextDue } from '../../shared/batch/due.ts';
import { giveUpCaptures } from '../../shared/batch/giveUp.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { afterBurst, nextBurst, requestBucket, secondsToNextBurst, untilNow } from '../../shared/bucket.ts';
import { sendBurst, sendingTime } from '../../shared/burst.ts';
import { byRegion } from '../../shared/clients.ts';
import { elapsedSince, lookInput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/**
 * Begins as many captures of a batch as EC2's request tokens allow now, each under the lock of its instance. What
 * cannot be captured is a failed item of the batch; what EC2 asks to try later stays for a later burst, until the limit
 * has passed. Repeating it finds what an earlier try began. @throws what stands against every capture, such as UnauthorizedOperation, when many
 * were refused for it and none got through.
 */
export const submitCaptures = task({
  name: 'SubmitCaptures',
  input: v.object({ batch: batchReference, bucket: requestBucket, ...lookInput }),
  output: v.object({
    /** Whether every capture has begun or failed. */
    ready: v.boolean(),
    waitSeconds: v.number(),
    bucket: requestBucket,
    begun: v.number(),
    left: v.number(),
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    dynamodb: new DynamoDBClient(settings),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, bucket, since, limitSeconds }, { aws, now, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const isOver = sendingTime(now);
    const due = dueItems(batch.items, now());
    const before = untilNow(bucket, now());
    const burst = nextBurst(before, due.length, now());
    const tried = due.slice(0, burst.sure + burst.more);
    // The intent comes first: what this function begins and cannot tell of any more is looked for by the next try.
    await writeBatch(aws.s3, config.stagingBucket, attempted(batch, tried, now()));
    const context = { ec2: aws.ec2(batch.region), dynamodb: aws.dynamodb, config, now };
    const sent = await sendBurst(tried, burst, (item) => captureItem(batch, item, context), { isOver });
    const results = new Map(sent.answers.map(({ item, result }) => [item.instanceId, result]));
    const answered = batch.items.map((item) => results.get(item.instanceId) ?? item);
    const tooLate = elapsedSince(since, now()) > limitSeconds;
    const items = tooLate ? giveUpCaptures(answered, limitSeconds, now()) : answered;
    await writeBatch(aws.s3, config.stagingBucket, { ...batch, items });
    const ofAll = refusalOfAll(items);
    if (ofAll) throw ofAll;
    const next = afterBurst(before, burst, sent, now());
    const left = items.filter(({ state }) => state === 'selected').length;
    const waitSeconds = Math.max(secondsToNextBurst(next, left, now()), secondsToNextDue(items, now()));
    return { ready: left === 0, waitSeconds, bucket: next, begun: sent.done, left };
  },
});
