import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { restoreRun } from '../../shared/efs/efsRun.ts';
import { MOUNTS } from '../../shared/efs/names.ts';
import { startByPolicy } from '../../shared/efs/policyOfRun.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { policyName } from '../../shared/policy/policy.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

/** A path below a mount, as text of any kind; the documents take it percent-encoded. */
const path = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(1000),
    v.check((text) => !text.split('/').includes('..'), 'leads out of the file system; leave .. out'),
  ),
  '',
);

/** Completes the input of a restore by its policy. @throws InvalidInput, ResourceNotFound: see startByPolicy */
export const readEfsRestore = task({
  name: 'efs-restore',
  input: v.object({
    input: strictObject({
      policy: policyName,
      generation: v.optional(
        v.pipe(v.string(), v.regex(/^\d{8}T\d{6}Z$/, 'is no generation; see `backup-drill efs list`')),
      ),
      subtree: path,
      target: path,
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
    if (
      targetFileSystem === 'destination' &&
      `${input.target.replace(/^\/+/, '')}/`.startsWith(`${run.folder.split('/')[0]}/`)
    )
      throw new InvalidInput(`target: ${run.folder} has generations; choose a directory outside of it`);
    if (targetFileSystem === 'destination' && input.target.replace(/^\/+|\/+$/g, '') === '')
      throw new InvalidInput('target: the root of the destination has generations; name a directory');
    return {
      ...run,
      generation,
      subtree: encoded(input.subtree),
      target: encoded(input.target),
      targetMount: MOUNTS[targetFileSystem],
      existing,
      mirror,
      maxDeletions,
    };
  },
});

/** `a b/c` becomes `a%20b/c`: letters, digits and . _ - / stand for themselves. */
function encoded(text: string): string {
  const bytes = [...Buffer.from(text.replace(/^\/+|\/+$/g, ''))];
  const hex = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return bytes
    .map((byte) => (/[\w./-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte)))
    .join('');
}
