import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { isNamed } from '../../shared/awsErrors.ts';
import { readBatch } from '../../shared/batch/batchStore.ts';
import { TAG_TOKENS } from '../../shared/batch/captureTokens.ts';
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
import { sendBurst } from '../../shared/burst.ts';
import { byRegion } from '../../shared/clients.ts';
import { NotYetListed } from '../../shared/errors.ts';
import { elapsedSince } from '../../shared/look.ts';
import { tagList } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

/** Seconds after a capture was asked for within which EC2 may not yet find what it has begun. */
const IDS_LAG = 90;

/**
 * Writes on everything of a batch what became of it, as far as EC2's request tokens go: to be repeated from `next`
 * until `ready`. Something that is gone by now needs no tag. @throws NotYetListed when it may only be too new
 */
export const markCaptures = task({
  name: 'MarkCaptures',
  input: v.object({
    batch: batchReference,
    from: v.pipe(v.number(), v.integer()),
    bucket: v.optional(requestBucket),
  }),
  output: v.object({ ready: v.boolean(), next: v.number(), waitSeconds: v.number(), bucket: requestBucket }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, from, bucket }, { aws, now, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const jobs = tagJobs(batch, config).slice(from);
    const isNew = batch.items.some(
      ({ capturedAt }) => capturedAt !== undefined && elapsedSince(capturedAt, now()) < IDS_LAG,
    );
    const before = untilNow(bucket ?? newBucket(TAG_TOKENS, now()), now());
    const burst = nextBurst(before, jobs.length, now());
    const sent = await sendBurst(jobs, burst, (job) => putTags(aws.ec2(batch.region), job, isNew), 1);
    const after = afterBurst(before, burst, sent, now());
    const left = jobs.length - sent.done;
    const waitSeconds = secondsToNextBurst(after, left, now());
    return { ready: left === 0, next: from + sent.done, waitSeconds, bucket: after };
  },
});

/** One by one where one of them is gone, since EC2 then tags none of them. */
async function putTags(ec2: EC2Client, { ids, tags }: TagJob, isNew: boolean): Promise<void> {
  try {
    await ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tagList(tags) }));
  } catch (error) {
    if (!isNamed(error, ...GONE)) throw error;
    if (isNew) throw new NotYetListed(`${error}`);
    if (ids.length === 1) return;
    for (const id of ids) await putTags(ec2, { ids: [id], tags }, isNew);
  }
}

const GONE = [
  'InvalidID',
  'InvalidAMIID.NotFound',
  'InvalidAMIID.Unavailable',
  'InvalidSnapshot.NotFound',
  'InvalidVolume.NotFound',
  'InvalidInstanceID.NotFound',
];
