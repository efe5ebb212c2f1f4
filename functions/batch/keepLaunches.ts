import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readBatch, readLaunches, writeBatch } from '../../shared/batch/batchStore.ts';
import { ATTRIBUTE_TOKENS } from '../../shared/batch/captureTokens.ts';
import { giveUpUserData } from '../../shared/batch/giveUp.ts';
import { launchesOf } from '../../shared/batch/launches.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { keepUserData, knownUserData, type Launch, launchName } from '../../shared/batch/userData.ts';
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
import { keep } from '../../shared/evidenceStore.ts';
import { readUserDataIfThere } from '../../shared/instanceFacts.ts';
import { elapsedSince, lookInput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/**
 * Keeps how the instances of a batch were launched: reads the user data of launches that no earlier backup has seen, as
 * far as EC2's request tokens go, and once it has all, or the limit has passed, writes the batch's launches to the
 * evidence bucket. To be repeated until `ready`.
 */
export const keepLaunches = task({
  name: 'KeepLaunches',
  input: v.object({ batch: batchReference, bucket: v.optional(requestBucket), ...lookInput }),
  output: v.object({ ready: v.boolean(), waitSeconds: v.number(), bucket: requestBucket, read: v.number() }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    dynamodb: new DynamoDBClient(settings),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, bucket, since, limitSeconds }, { aws, now, config }) => {
    const isOver = sendingTime(now);
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const { region, fingerprintKey } = batch;
    const launches = await readLaunches(aws.s3, config.stagingBucket, reference);
    const store = { ...aws, bucket: config.evidenceBucket, table: config.runsTable };
    const known = await knownUserData(store, region);
    const unknown = launches.filter((launch) => !known.has(launchName(launch)));
    const before = untilNow(bucket ?? newBucket(ATTRIBUTE_TOKENS, now()), now());
    const burst = nextBurst(before, unknown.length, now());
    const keepOne = async (launch: Launch) => {
      const content = await readUserDataIfThere(aws.ec2(region), launch.instanceId);
      known.set(launchName(launch), await keepUserData(store, region, launch, { content, now: now() }));
    };
    const sent = await sendBurst(unknown.slice(0, burst.sure + burst.more), burst, keepOne, { isOver });
    const after = afterBurst(before, burst, sent, now());
    const unread = unknown.filter((launch) => !known.has(launchName(launch)));
    const tooLate = unread.length > 0 && elapsedSince(since, now()) > limitSeconds;
    if (tooLate) {
      const ids = new Set(unread.map(({ instanceId }) => instanceId));
      const items = giveUpUserData(batch.items, ids, limitSeconds);
      await writeBatch(aws.s3, config.stagingBucket, { ...batch, items });
    }
    const ready = unread.length === 0 || tooLate;
    if (ready) {
      const place = { bucket: config.evidenceBucket, key: fingerprintKey };
      await keep(aws.s3, place, JSON.stringify(launchesOf(launches, known)));
    }
    const waitSeconds = ready ? 0 : secondsToNextBurst(after, unread.length, now());
    return { ready, waitSeconds, bucket: after, read: sent.done };
  },
});
