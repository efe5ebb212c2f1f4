import * as z from 'zod';
import type { Config } from './config.ts';
import { duration } from './duration.ts';
import { InvalidInput } from './errors.ts';
import { instanceType } from './fingerprint.ts';
import { stagedObject } from './presignedUrls.ts';
import { consistencyAsked, runId } from './recoveryPoint.ts';

/** Where a sandbox drill keeps data: a directory of the root volume, and two volumes of their own. */
export const DATA_VOLUMES = [
  { deviceName: '/dev/sdf', path: '/data1' },
  { deviceName: '/dev/sdg', path: '/data2' },
];
const PATHS = ['/srv/backup-drill', ...DATA_VOLUMES.map(({ path }) => path)];

/** Amazon Linux 2023 for arm64. */
const IMAGE_PARAMETER = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

const keys = {
  mode: z
    .enum(['sandbox'], { error: 'only sandbox so far; rehearse and live are not built yet' })
    .default('sandbox'),
  consistency: consistencyAsked.default('reboot'),
  /** A tar in the staging bucket for the first data volume; a built-in set of files without it. */
  data: stagedObject.strict().optional(),
  objectives: z.strictObject({ rpo: duration.optional(), rto: duration.optional() }).default({}),
  instanceType: instanceType.default('t4g.small'),
  imageParameter: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]+$/, 'the name of a public SSM parameter that holds an image id')
    .default(IMAGE_PARAMETER),
  /** `existing` uses the user's own endpoints of Systems Manager in the sandbox, and makes none. */
  endpoints: z.enum(['create', 'existing']).default('create'),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: z.string().optional(),
};
const ALLOWED = Object.keys(keys).filter((key) => !key.startsWith('AWS_'));

/** The input of a drill as a person gives it. A wrong key is refused with the list of the right ones. */
export const drillInput = z.strictObject(keys, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys.join(', ')}; allowed are ${ALLOWED.join(', ')}`
      : undefined,
});

/** A drill's input, completed. */
export const drillSettings = z.object({
  runId,
  executionArn: z.string(),
  /** ISO 8601. */
  startedAt: z.iso.datetime(),
  mode: z.enum(['sandbox']),
  consistency: consistencyAsked,
  data: stagedObject.optional(),
  rpoSeconds: z.number().positive(),
  rtoSeconds: z.number().positive(),
  instanceType,
  imageParameter: z.string(),
  endpoints: z.enum(['create', 'existing']),
  paths: z.array(z.string()).min(1),
  /** Device names of the data volumes with their mount points. */
  dataVolumes: z.array(z.object({ deviceName: z.string(), path: z.string() })).min(1),
});
export type DrillSettings = z.infer<typeof drillSettings>;

/** Completes a drill's input. @throws InvalidInput when its data is not where this stack may read it. */
export function settingsOf(
  input: z.output<typeof drillInput>,
  execution: { runId: string; executionArn: string; startedAt: string },
  { stagingBucket }: Pick<Config, 'stagingBucket'>,
): DrillSettings {
  if (input.data && input.data.bucket !== stagingBucket)
    throw new InvalidInput(`dr-drill: input.data.bucket: the data must lie in ${stagingBucket}`);
  const { mode, consistency, data, objectives, instanceType, imageParameter, endpoints } = input;
  return {
    ...execution,
    mode,
    consistency,
    ...(data ? { data } : {}),
    rpoSeconds: objectives.rpo ?? 3600, // the sandbox's point is minutes old; an hour is what the default allows it
    rtoSeconds: objectives.rto ?? 1800,
    instanceType,
    imageParameter,
    endpoints,
    paths: PATHS,
    dataVolumes: DATA_VOLUMES,
  };
}
