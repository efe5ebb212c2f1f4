import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readBatch, readLaunches } from '../../shared/batch/batchStore.ts';
import { ATTRIBUTE_TOKENS } from '../../shared/batch/captureTokens.ts';
import { launchesOf } from '../../shared/batch/launches.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { knownUserData, launchName, userDataPlace } from '../../shared/batch/userData.ts';
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
import { keep } from '../../shared/evidenceStore.ts';
import { readUserDataIfThere } from '../../shared/instanceFacts.ts';
import { task } from '../../shared/task.ts';

/**
 * Keeps how the instances of a batch were launched: reads the user data of launches that no earlier backup has seen, as
 * far as EC2's request tokens go, and once it has all, writes the batch's launches to the evidence bucket. To be
 * repeated until `ready`.
 */
export const keepLaunches = task({
  name: 'KeepLaunches',
  input: v.object({ batch: batchReference, bucket: v.optional(requestBucket) }),
  output: v.object({ ready: v.boolean(), waitSeconds: v.number(), bucket: requestBucket, read: v.number() }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, bucket }, { aws, now, config }) => {
    const { region, fingerprintKey } = await readBatch(aws.s3, config.stagingBucket, reference);
    const launches = await readLaunches(aws.s3, config.stagingBucket, reference);
    const known = await knownUserData(aws.s3, config.evidenceBucket, region);
    const unknown = launches.filter((launch) => !known.has(launchName(launch)));
    const before = untilNow(bucket ?? newBucket(ATTRIBUTE_TOKENS, now()), now());
    const burst = nextBurst(before, unknown.length, now());
    const sent = await sendBurst(unknown.slice(0, burst.sure + burst.more), burst, async (launch) => {
      const content = await readUserDataIfThere(aws.ec2(region), launch.instanceId);
      const place = userDataPlace(region, launch, content);
      const Key = { bucket: config.evidenceBucket, key: place.key };
      await keep(aws.s3, Key, content ?? '');
      known.set(launchName(launch), place);
    });
    const after = afterBurst(before, burst, sent, now());
    const left = unknown.length - sent.done;
    if (left === 0) {
      const place = { bucket: config.evidenceBucket, key: fingerprintKey };
      await keep(aws.s3, place, JSON.stringify(launchesOf(launches, known)));
    }
    const waitSeconds = secondsToNextBurst(after, left, now());
    return { ready: left === 0, waitSeconds, bucket: after, read: sent.done };
  },
});
