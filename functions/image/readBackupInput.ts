import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { batchReference } from '../../shared/batch/reference.ts';
import { consistencyAsked, instanceId, paths, runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

const input = z.strictObject({
  instanceId,
  consistency: consistencyAsked.default('reboot'),
  /** `none` allows a crash-consistent copy where more was asked but not seen. */
  fallback: z.literal('none').optional(),
  validate: z.strictObject({ paths: paths.min(1) }).optional(),
  /** With freeze: seconds after which the host thaws by itself. */
  freezeSeconds: z.number().int().min(30).max(600).default(120), // a file system that holds writes for long hurts
  documents: z.strictObject({ before: z.string(), after: z.string().optional() }).optional(),
  /** The batch that the instance is one of. */
  batch: batchReference.optional(),
  policy: z.string().max(100).optional(),
  runId: runId.optional(),
  /** The point outlives the run; a drill says false. */
  keep: z.boolean().default(true),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
});

/** Checks the input of a backup and completes it. @throws InvalidInput naming the key. */
export const readBackupInput = task({
  name: 'ami-backup',
  input: z.object({ input, executionName: z.string() }),
  output: z.object({
    runId,
    instanceId,
    consistency: consistencyAsked,
    fallback: z.literal('none').optional(),
    paths,
    freezeSeconds: z.number(),
    documents: z.object({ before: z.string(), after: z.string().optional() }).optional(),
    batch: batchReference.optional(),
    policy: z.string().optional(),
    keep: z.boolean(),
    /** Proves later that a copy is of this backup and no older one; drawn here once, whatever is repeated. */
    nonce: z.string(),
  }),
  aws: () => ({}),
  run: async ({ input, executionName }) => ({
    runId: input.batch?.runId ?? input.runId ?? executionName,
    instanceId: input.instanceId,
    consistency: input.consistency,
    fallback: input.fallback,
    paths: input.validate?.paths ?? [],
    freezeSeconds: input.freezeSeconds,
    documents: input.documents,
    batch: input.batch,
    policy: input.policy,
    keep: input.keep,
    nonce: randomBytes(16).toString('hex'),
  }),
});
