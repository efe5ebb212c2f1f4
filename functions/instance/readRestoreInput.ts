import * as z from 'zod';
import { launchOverrides } from '../../shared/launch.ts';
import { imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { TAG } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

const point = 'name a point: imageId, or resource and at (latest, latest-validated or an ISO 8601 time)';

const input = z
  .strictObject({
    imageId: imageId.optional(),
    resource: instanceId.optional(),
    at: z.union([z.enum(['latest', 'latest-validated']), z.iso.datetime()]).optional(),
    isolated: z.boolean().default(true),
    overrides: launchOverrides.default({}),
    runId: runId.optional(),
    /** Tags of the instance beside ours. */
    tags: z.record(z.string(), z.string()).default({}),
    /** The instance outlives the run; a drill says false. */
    keep: z.boolean().default(true),
    /** Wait for the agent, or do not; unset: where it can be expected. */
    online: z.boolean().optional(),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
  })
  .refine((value) => (value.imageId === undefined) !== (value.resource === undefined), point)
  .superRefine(({ isolated, tags, overrides }, { addIssue }) => {
    for (const key of Object.keys(tags)) {
      const fault = tagFault(key, isolated);
      if (fault) addIssue({ code: 'custom', path: ['tags', key], message: fault });
    }
    for (const key of Object.keys(overrides))
      if (isolated && key !== 'instanceType')
        addIssue({
          code: 'custom',
          path: ['overrides', key],
          message: 'needs isolated: false; the sandbox has its own',
        });
  });

/** IAM reads the name of a tag without regard to case, so that no spelling of the interlock's tag may slip through. */
function tagFault(key: string, isolated: boolean): string | undefined {
  if (!key.toLowerCase().startsWith('backup-drill:')) return undefined;
  if (key !== TAG.terminate) return 'tags that begin like ours are set by us only';
  return isolated ? undefined : 'only a copy in the sandbox may be marked so';
}

/** Checks the input of a restore and completes it. @throws InvalidInput naming the key. */
export const readRestoreInput = task({
  name: 'restore',
  input: z.object({ input, executionName: z.string() }),
  output: z.object({
    runId,
    point: z.object({
      imageId: imageId.optional(),
      resource: z.string().optional(),
      at: z.string().optional(),
    }),
    isolated: z.boolean(),
    overrides: launchOverrides,
    tags: z.record(z.string(), z.string()),
    keep: z.boolean(),
    online: z.boolean().optional(),
  }),
  aws: () => ({}),
  run: async ({ input, executionName }) => {
    const { imageId, resource, at, isolated, overrides, tags, keep, online } = input;
    const chosen = imageId === undefined ? { resource, at: at ?? 'latest' } : { imageId };
    return { runId: input.runId ?? executionName, point: chosen, isolated, overrides, tags, keep, online };
  },
});
