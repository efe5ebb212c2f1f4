import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { failed } from '../../shared/batch/batch.ts';
import { readBatch, writeBatch } from '../../shared/batch/batchStore.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { runFailure } from '../../shared/drillFacts.ts';
import { task } from '../../shared/task.ts';

/**
 * Writes down that the items of a batch which have no verified point get none any more, since the run failed. The batch
 * may hold their locks without knowing it: one captured by itself took it there, one that EC2 put off before that.
 */
export const abandonCaptures = task({
  name: 'AbandonCaptures',
  input: v.object({ batch: batchReference, failure: runFailure }),
  output: v.object({ abandoned: v.number() }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ batch: reference, failure }, { aws, now, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const open = batch.items.filter(({ state }) => state === 'selected' || state === 'captured');
    const reason = `${failure.Error}: ${failure.Cause}`;
    const inDoubt = { attemptedAt: now().toISOString() };
    const items = batch.items.map((item) =>
      open.includes(item) ? { ...inDoubt, ...failed(item, reason), point: 'failed' as const } : item,
    );
    await writeBatch(aws.s3, config.stagingBucket, { ...batch, items });
    return { abandoned: open.length };
  },
});
