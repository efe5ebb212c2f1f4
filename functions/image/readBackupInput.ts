import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { batchReference } from '../../shared/batch/reference.ts';
import { consistencyAsked, instanceId, paths, runId } from '../../shared/recoveryPoint.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

const input = strictObject({
  instanceId,
  consistency: v.optional(consistencyAsked, 'reboot'),
  /** `none` allows a crash-consistent copy where more was asked but not seen. */
  fallback: v.optional(v.literal('none')),
  validate: v.optional(strictObject({ paths: v.pipe(paths, v.minLength(1)) })),
  /** With freeze: seconds after which the host thaws by itself. */
  freezeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(30), v.maxValue(600)), 120), // a file system that holds writes for long hurts
  documents: v.optional(strictObject({ before: v.string(), after: v.optional(v.string()) })),
  /** The batch that the instance is one of. */
  batch: v.optional(batchReference),
  policy: v.optional(v.pipe(v.string(), v.maxLength(100))),
  runId: v.optional(runId),
  /** The point outlives the run; a drill says false. */
  keep: v.optional(v.boolean(), true),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
});

/** Checks the input of a backup and completes it. @throws InvalidInput naming the key. */
export const readBackupInput = task({
  name: 'ami-backup',
  input: v.object({ input, executionName: v.string() }),
  output: v.object({
    runId,
    instanceId,
    consistency: consistencyAsked,
    fallback: v.optional(v.literal('none')),
    paths,
    freezeSeconds: v.number(),
    documents: v.optional(v.object({ before: v.string(), after: v.optional(v.string()) })),
    batch: v.optional(batchReference),
    policy: v.optional(v.string()),
    keep: v.boolean(),
    /** Proves later that a copy is of this backup and no older one; drawn here once, whatever is repeated. */
    nonce: v.string(),
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
