import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { groupKey, readBatch, readList, writeBatch } from '../../shared/batch/batchStore.ts';
import { type CaptureOutcome, captureOutcome, withOutcome } from '../../shared/batch/groups.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { task } from '../../shared/task.ts';

/** Brings what became of all groups into the list of their batch. */
export const mergeGroups = task({
  name: 'MergeGroups',
  input: v.object({ batch: batchReference, groups: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  output: v.object({ captured: v.number(), failed: v.number() }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ batch: reference, groups }, { aws, now, config }) => {
    const bucket = config.stagingBucket;
    const batch = await readBatch(aws.s3, bucket, reference);
    const outcomes = new Map<string, CaptureOutcome>();
    for (let group = 0; group < groups; group++) {
      const place = { bucket, key: groupKey(reference, group) };
      const found = await unlessNotFound(readList(aws.s3, place, v.array(captureOutcome)), 'NoSuchKey');
      for (const outcome of found ?? []) outcomes.set(outcome.instanceId, outcome);
    }
    const items = batch.items.map((item) => withOutcome(item, outcomes.get(item.instanceId), now()));
    await writeBatch(aws.s3, bucket, { ...batch, items });
    const count = (state: string) => items.filter((item) => item.state === state).length;
    return { captured: count('captured'), failed: count('failed') };
  },
});
