import * as v from 'valibot';
import { instant } from '../../shared/instant.ts';
import { launchOverrides } from '../../shared/launch.ts';
import { placeOf } from '../../shared/parsed.ts';
import { imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { TAG } from '../../shared/tags.ts';
import { tagValues } from '../../shared/tagValues.ts';
import { task } from '../../shared/task.ts';

const point = 'name a point: imageId, or resource and at (latest, latest-validated or an ISO 8601 time)';

const input = v.pipe(
  strictObject({
    imageId: v.optional(imageId),
    resource: v.optional(instanceId),
    at: v.optional(v.union([v.picklist(['latest', 'latest-validated']), instant])),
    isolated: v.optional(v.boolean(), true),
    overrides: v.optional(launchOverrides, {}),
    runId: v.optional(runId),
    /** Tags of the instance beside ours. */
    tags: v.optional(tagValues, {}),
    /** The instance outlives the run; a drill says false. */
    keep: v.optional(v.boolean(), true),
    /** Wait for the agent, or do not; unset: where it can be expected. */
    online: v.optional(v.boolean()),
    AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
  }),
  v.check((value) => (value.imageId === undefined) !== (value.resource === undefined), point),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { isolated, tags, overrides } = dataset.value;
    for (const key of Object.keys(tags)) {
      const fault = tagFault(key, isolated);
      if (fault) addIssue({ path: placeOf(dataset.value, 'tags', key), message: fault });
    }
    for (const key of Object.keys(overrides))
      if (isolated && key !== 'instanceType')
        addIssue({
          path: placeOf(dataset.value, 'overrides', key),
          message: 'needs isolated: false; the sandbox has its own',
        });
  }),
);

/** IAM reads the name of a tag without regard to case, so that no spelling of the interlock's tag may slip through. */
function tagFault(key: string, isolated: boolean): string | undefined {
  if (!key.toLowerCase().startsWith('backup-drill:')) return undefined;
  if (key !== TAG.terminate) return 'tags that begin like ours are set by us only';
  return isolated ? undefined : 'only a copy in the sandbox may be marked so';
}

/** Checks the input of a restore and completes it. @throws InvalidInput naming the key. */
export const readRestoreInput = task({
  name: 'restore',
  input: v.object({ input, executionName: v.string() }),
  output: v.object({
    runId,
    point: v.object({
      imageId: v.optional(imageId),
      resource: v.optional(v.string()),
      at: v.optional(v.string()),
    }),
    isolated: v.boolean(),
    overrides: launchOverrides,
    tags: tagValues,
    keep: v.boolean(),
    online: v.optional(v.boolean()),
  }),
  aws: () => ({}),
  run: async ({ input, executionName }) => {
    const { imageId, resource, at, isolated, overrides, tags, keep, online } = input;
    const chosen = imageId === undefined ? { resource, at: at ?? 'latest' } : { imageId };
    return { runId: input.runId ?? executionName, point: chosen, isolated, overrides, tags, keep, online };
  },
});
