import * as v from 'valibot';
import type { Config } from './config.ts';
import { duration } from './duration.ts';
import { InvalidInput } from './errors.ts';
import { instanceType } from './fingerprint.ts';
import { instant } from './instant.ts';
import { stagedObject } from './presignedUrls.ts';
import { consistencyAsked, runId } from './recoveryPoint.ts';
import { strictObject } from './strictObject.ts';

/** Where a sandbox drill keeps data: a directory of the root volume, and two volumes of their own. */
export const DATA_VOLUMES = [
  { deviceName: '/dev/sdf', path: '/data1' },
  { deviceName: '/dev/sdg', path: '/data2' },
];
const PATHS = ['/srv/backup-drill', ...DATA_VOLUMES.map(({ path }) => path)];

/** Amazon Linux 2023 for arm64. */
const IMAGE_PARAMETER = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';

const keys = {
  mode: v.optional(
    v.picklist(['sandbox'], 'only sandbox so far; rehearse and live are not built yet'),
    'sandbox',
  ),
  consistency: v.optional(consistencyAsked, 'reboot'),
  /** A tar in the staging bucket for the first data volume; a built-in set of files without it. */
  data: v.optional(strictObject(stagedObject.entries)),
  objectives: v.optional(strictObject({ rpo: v.optional(duration), rto: v.optional(duration) }), {}),
  instanceType: v.optional(instanceType, 't4g.small'),
  imageParameter: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\/[A-Za-z0-9._/-]+$/, 'the name of a public SSM parameter that holds an image id'),
    ),
    IMAGE_PARAMETER,
  ),
  /** `existing` uses the user's own endpoints of Systems Manager in the sandbox, and makes none. */
  endpoints: v.optional(v.picklist(['create', 'existing']), 'create'),
  AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
};

/** The input of a drill as a person gives it. A wrong key is refused with the list of the right ones. */
export const drillInput = strictObject(
  keys,
  (key, allowed) => `there is no ${key}; allowed are ${allowed.join(', ')}`,
);

/** A drill's input, completed. */
export const drillSettings = v.object({
  runId,
  executionArn: v.string(),
  /** ISO 8601. */
  startedAt: instant,
  mode: v.picklist(['sandbox']),
  consistency: consistencyAsked,
  data: v.optional(stagedObject),
  rpoSeconds: v.pipe(v.number(), v.gtValue(0)),
  rtoSeconds: v.pipe(v.number(), v.gtValue(0)),
  instanceType,
  imageParameter: v.string(),
  endpoints: v.picklist(['create', 'existing']),
  paths: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Device names of the data volumes with their mount points. */
  dataVolumes: v.pipe(v.array(v.object({ deviceName: v.string(), path: v.string() })), v.minLength(1)),
});
export type DrillSettings = v.InferOutput<typeof drillSettings>;

/** Completes a drill's input. @throws InvalidInput when its data is not where this stack may read it. */
export function settingsOf(
  input: v.InferOutput<typeof drillInput>,
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
