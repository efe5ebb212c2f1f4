import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { countsOf } from '../../shared/batch/batch.ts';
import { readBatch, writeBatch } from '../../shared/batch/batchStore.ts';
import { capturesOf } from '../../shared/batch/captures.ts';
import { batchReference, batchTag } from '../../shared/batch/reference.ts';
import { verifyItem } from '../../shared/batch/verifyItem.ts';
import { byRegion } from '../../shared/clients.ts';
import { task } from '../../shared/task.ts';

/**
 * Checks every capture of a batch as EC2 shows it now: the image available, each wanted volume in one completed
 * snapshot of its size and encryption, the same root device. What is not so is a failed item that says why.
 */
export const verifyCaptures = task({
  name: 'VerifyCaptures',
  input: v.object({ batch: batchReference }),
  output: v.object({ verified: v.number(), failed: v.number() }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference }, { aws, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const captures = await capturesOf(aws.ec2(batch.region), batch.policy.capture, batchTag(batch));
    const items = batch.items.map((item) => verifyItem(item, captures, batch.policy));
    await writeBatch(aws.s3, config.stagingBucket, { ...batch, items });
    const { verified, failed } = countsOf(items);
    return { verified, failed };
  },
});
