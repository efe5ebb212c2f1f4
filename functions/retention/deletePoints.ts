import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readList, writeList } from '../../shared/batch/batchStore.ts';
import { byRegion } from '../../shared/clients.ts';
import { elapsedSince, lookInput } from '../../shared/look.ts';
import { forgetPoints } from '../../shared/pointIndex.ts';
import { deleteBurst } from '../../shared/retention/deleteBurst.ts';
import { buckets, deletionBuckets, secondsToDeletions } from '../../shared/retention/deletionBuckets.ts';
import { countDeletions, deletionCounts, deletionList, giveUp } from '../../shared/retention/deletions.ts';
import { task } from '../../shared/task.ts';

const place = v.object({ bucket: v.string(), key: v.string() });

/**
 * Deletes one burst of what a plan lets go, as many as the request tokens allow now, and says how long to wait for the
 * next one. The list in the staging bucket knows what is left: a burst that broke off anywhere is repeated, and what it
 * deleted is then not found, and done. What AWS refuses of one point is data.
 */
export const deletePoints = task({
  name: 'DeletePoints',
  input: v.object({
    policy: v.string(),
    region: v.string(),
    deletions: place,
    ...lookInput,
    /** As the last burst left them; unset before the first. */
    buckets: v.optional(buckets),
  }),
  output: v.object({
    left: v.number(),
    waitSeconds: v.number(),
    buckets,
    counts: deletionCounts,
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
    dynamodb: new DynamoDBClient(settings),
  }),
  run: async ({ policy, region, deletions, since, limitSeconds, buckets: before }, { aws, now, config }) => {
    const at = now();
    const list = await readList(aws.s3, deletions, deletionList);
    const where = { deployment: config.deployment, policy, region };
    const known = before ?? deletionBuckets(at);
    const burst = await deleteBurst(aws.ec2(region), list.left, where, known, now);
    const gone = burst.settled.filter(({ result }) => result !== 'kept');
    await forgetPoints(aws.dynamodb, config.pointsTable, gone);
    const tooLate = elapsedSince(since, at) > limitSeconds;
    const done = [...list.done, ...burst.settled, ...(tooLate ? giveUp(burst.left, limitSeconds) : [])];
    const left = tooLate ? [] : burst.left;
    await writeList(aws.s3, deletions, { left, done });
    const waits = secondsToDeletions(burst.buckets, left, now());
    return { left: left.length, waitSeconds: waits, buckets: burst.buckets, counts: countDeletions(done) };
  },
});
