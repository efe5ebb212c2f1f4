import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readBatch } from '../../shared/batch/batchStore.ts';
import { GROUP } from '../../shared/batch/groups.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { task } from '../../shared/task.ts';

/** The inputs with which the instances of one group of a batch are backed up one by one. */
export const listGroup = task({
  name: 'ListGroup',
  input: v.object({ batch: batchReference, group: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  output: v.object({ inputs: v.array(v.looseObject({ instanceId: v.string() })) }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ batch: reference, group }, { aws, config }) => {
    const { items, policy } = await readBatch(aws.s3, config.stagingBucket, reference);
    const { consistency, fallback, validate, documents, freezeSeconds } = policy;
    const open = items.slice(group * GROUP, (group + 1) * GROUP).filter(({ state }) => state === 'selected');
    const how = {
      consistency,
      batch: reference,
      policy: policy.name,
      ...(fallback && { fallback }),
      ...(validate && { validate }),
      ...(documents && { documents }),
      ...(freezeSeconds && { freezeSeconds }),
    };
    return { inputs: open.map(({ instanceId }) => ({ ...how, instanceId })) };
  },
});
