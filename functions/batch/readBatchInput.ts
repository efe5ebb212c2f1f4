import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { readBatch } from '../../shared/batch/batchStore.ts';
import { CAPTURE_TOKENS } from '../../shared/batch/captureTokens.ts';
import { GROUP } from '../../shared/batch/groups.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { wayOf } from '../../shared/batch/way.ts';
import { newBucket, requestBucket } from '../../shared/bucket.ts';
import { instant } from '../../shared/instant.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

const input = strictObject({
  ...batchReference.entries,
  /** ISO 8601: when the first batch of the Region begins. */
  begins: instant,
  /** Seconds after that until this one's turn. */
  afterSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** Request tokens that EC2 has then; a full bucket unless told. */
  tokens: v.optional(v.pipe(v.number(), v.minValue(0))),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
});

/** Checks the input of a batch's backup. @throws InvalidInput naming the key; NoSuchKey when there is no such batch. */
export const readBatchInput = task({
  name: 'batch-backup',
  input: v.object({ input }),
  output: v.object({
    batch: batchReference,
    region: v.string(),
    capture: v.picklist(['ami', 'snapshots']),
    /** `burst`: captured by calls alone; `one-by-one`: each instance is brought to rest first. */
    way: v.picklist(['burst', 'one-by-one']),
    /** How many groups it has, where they are captured one by one. */
    groups: v.number(),
    /** ISO 8601: when its turn at the Region's request tokens comes. */
    turn: instant,
    bucket: requestBucket,
  }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ input: { runId, name, begins, afterSeconds, tokens } }, { aws, config }) => {
    const batch = { runId, name };
    const { policy, region, items } = await readBatch(aws.s3, config.stagingBucket, batch);
    const turn = new Date(Date.parse(begins) + afterSeconds * 1000);
    const bucket = newBucket(CAPTURE_TOKENS[policy.capture], turn, tokens === undefined ? {} : { tokens });
    const { capture } = policy;
    const groups = Math.ceil(items.length / GROUP);
    return { batch, region, capture, way: wayOf(policy), groups, turn: turn.toISOString(), bucket };
  },
});
