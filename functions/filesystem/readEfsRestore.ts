import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { restoreRun } from '../../shared/efs/efsRun.ts';
import { MOUNTS } from '../../shared/efs/names.ts';
import { foldersOn, startByPolicy } from '../../shared/efs/policyOfRun.ts';
import { percentEncoded, restorePath, touchedFolder } from '../../shared/efs/restorePath.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { policyName } from '../../shared/policy/policy.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

/**
 * Completes the input of a restore by its policy. @throws InvalidInput also for a target that could change generations,
 * those of other policies of this deployment too; ResourceNotFound: see startByPolicy
 */
export const readEfsRestore = task({
  name: 'efs-restore',
  input: v.object({
    input: strictObject({
      policy: policyName,
      generation: v.optional(
        v.pipe(v.string(), v.regex(/^\d{8}T\d{6}Z$/, 'is no generation; see `backup-drill efs list`')),
      ),
      subtree: restorePath,
      target: restorePath,
      /** The file system that it is restored to; generations stay out of its reach. */
      targetFileSystem: v.optional(v.picklist(['source', 'destination']), 'source'),
      existing: v.optional(v.picklist(['keep-newer', 'overwrite', 'keep']), 'keep-newer'),
      /** Also deletes what the generation does not have, `maxDeletions` at most; `plan` only lists it. */
      mirror: v.optional(v.picklist(['no', 'plan', 'yes']), 'no'),
      maxDeletions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
    }),
    executionName: v.string(),
    executionArn: v.string(),
    startedAt: v.string(),
  }),
  output: restoreRun,
  aws: (settings) => ({ ssm: new SSMClient(settings), autoScaling: new AutoScalingClient(settings) }),
  run: async ({ input, ...execution }, { aws, config }) => {
    const { run } = await startByPolicy(aws, input.policy, execution, config);
    const { generation = '', existing, mirror, maxDeletions, targetFileSystem } = input;
    const fileSystem = run[targetFileSystem];
    const touched = touchedFolder(input.target, await foldersOn(aws.ssm, fileSystem, run, config));
    if (touched !== undefined)
      throw new InvalidInput(
        `target: ${touched} of ${fileSystem} has generations; name a directory that is neither in it nor above it`,
      );
    return {
      ...run,
      generation,
      subtree: percentEncoded(input.subtree),
      target: percentEncoded(input.target),
      targetMount: MOUNTS[targetFileSystem],
      existing,
      mirror,
      maxDeletions,
    };
  },
});
