import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { groupKey, writeList } from '../../shared/batch/batchStore.ts';
import { captureOutcome } from '../../shared/batch/groups.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { task } from '../../shared/task.ts';

/** Writes down what became of the instances of one group; each group has a list of its own, since they run side by side. */
export const recordGroup = task({
  name: 'RecordGroup',
  input: v.object({
    batch: batchReference,
    group: v.pipe(v.number(), v.integer()),
    outcomes: v.array(captureOutcome),
  }),
  output: v.object({ recorded: v.number() }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ batch, group, outcomes }, { aws, config }) => {
    await writeList(aws.s3, { bucket: config.stagingBucket, key: groupKey(batch, group) }, outcomes);
    return { recorded: outcomes.length };
  },
});
