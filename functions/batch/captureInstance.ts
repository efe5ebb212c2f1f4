import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { isNamed } from '../../shared/awsErrors.ts';
import { readAttempt, readBatch, writeAttempt } from '../../shared/batch/batchStore.ts';
import { capture, LATER } from '../../shared/batch/captureItem.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { byRegion } from '../../shared/clients.ts';
import { ResourceNotFound, Throttled } from '../../shared/errors.ts';
import { instant } from '../../shared/instant.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Begins the capture of one instance of a batch that has been brought to rest. Repeating it finds what an earlier try
 * began. @throws Throttled while EC2 asks to come back later; ResourceNotFound when it is not in the batch.
 */
export const captureInstance = task({
  name: 'CaptureInstance',
  input: v.object({ batch: batchReference, instanceId }),
  output: v.object({
    pointId: v.string(),
    /** Empty for a set of snapshots. */
    imageId: v.string(),
    ids: v.array(v.string()),
    capturedAt: instant,
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ batch: reference, instanceId }, { aws, now, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    const item = batch.items.find((one) => one.instanceId === instanceId);
    if (!item) throw new ResourceNotFound(`${instanceId} is not in batch ${reference.name}`);
    const attemptedAt = await readAttempt(aws.s3, config.stagingBucket, reference, instanceId);
    const at = now().toISOString();
    if (!attemptedAt) await writeAttempt(aws.s3, config.stagingBucket, reference, { instanceId, at });
    try {
      const context = { ec2: aws.ec2(batch.region), config, now };
      const { pointId = '', ids = [] } = await capture(batch, { ...item, attemptedAt }, context);
      const imageId = batch.policy.capture === 'ami' ? pointId : '';
      return { pointId, imageId, ids, capturedAt: attemptedAt ?? at };
    } catch (error) {
      if (!isNamed(error, ...Object.keys(LATER))) throw error;
      throw new Throttled(`${instanceId}: ${error}`);
    }
  },
});
