import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { readBatch } from '../../shared/batch/batchStore.ts';
import { CAPTURE_TOKENS } from '../../shared/batch/captureTokens.ts';
import { GROUP } from '../../shared/batch/groups.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { wayOf } from '../../shared/batch/way.ts';
import { newBucket, requestBucket } from '../../shared/bucket.ts';
import { task } from '../../shared/task.ts';

const input = z.strictObject({
  ...batchReference.shape,
  /** ISO 8601: when the first batch of the Region begins. */
  begins: z.iso.datetime(),
  /** Seconds after that until this one's turn. */
  afterSeconds: z.number().int().nonnegative().default(0),
  /** Request tokens that EC2 has then; a full bucket unless told. */
  tokens: z.number().nonnegative().optional(),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
});

/** Checks the input of a batch's backup. @throws InvalidInput naming the key; NoSuchKey when there is no such batch. */
export const readBatchInput = task({
  name: 'batch-backup',
  input: z.object({ input }),
  output: z.object({
    batch: batchReference,
    region: z.string(),
    capture: z.enum(['ami', 'snapshots']),
    /** `burst`: captured by calls alone; `one-by-one`: each instance is brought to rest first. */
    way: z.enum(['burst', 'one-by-one']),
    /** How many groups it has, where they are captured one by one. */
    groups: z.number(),
    /** ISO 8601: when its turn at the Region's request tokens comes. */
    turn: z.iso.datetime(),
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
