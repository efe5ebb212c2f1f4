import { GetObjectCommand } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { fleetCounts } from '../shared/fleet.ts';
import { parsed } from '../shared/parsed.ts';
import { json } from './decoded.ts';
import { fleetLine } from './fleetProgress.ts';
import type { Typed } from './options.ts';
import { failureLine } from './outcome.ts';
import { type Place, placeWithHistory } from './place.ts';
import { RunError, UsageError } from './usage.ts';
import { runName, watchRun } from './watchRun.ts';

const place = v.object({ bucket: v.string(), key: v.string() });

/** What the machine of a policy's run gives back, and, of a run that failed, what its record holds of it. */
export const fleetOutcome = v.looseObject({
  status: v.picklist(['complete', 'incomplete']),
  counts: fleetCounts,
  failures: v.array(v.string()),
  warnings: v.optional(v.array(v.string()), []),
  report: place,
  retention: v.looseObject({
    regions: v.optional(v.array(v.looseObject({ region: v.string(), plan: v.optional(place) }))),
    counts: v.optional(v.looseObject({})),
    stopped: v.optional(v.looseObject({})),
  }),
});
export type FleetOutcome = v.InferOutput<typeof fleetOutcome>;

/** The name of a policy, as it was typed. @throws UsageError when there is none. */
export function policyNamed(command: string, typed: Typed): string {
  const [policy] = typed.positionals;
  if (policy === undefined) throw new UsageError(`${command}: name a policy of policies.yml`);
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(policy))
    throw new UsageError(
      `${command} ${JSON.stringify(policy)}: no name of a policy; small letters, digits and -, 30 at most`,
    );
  return policy;
}

/** Runs a policy at a place and shows how it goes. @returns the place, and what it came to */
export async function runPolicy(
  kind: 'run' | 'plan',
  typed: Typed,
): Promise<{ at: Place; runId: string; arn: string; outcome: FleetOutcome | undefined; failure: string }> {
  const policy = policyNamed(kind, typed);
  const at = await placeWithHistory(kind, typed);
  const { deployment } = at;
  const runId = runName(kind, new Date(at.now?.() ?? Date.now()));
  const ended = await watchRun(at, {
    name: runId,
    machine: deployment.names.policyRun,
    heading: `of policy ${policy} on ${deployment.names.deployment} in ${deployment.region}`,
    input: async () => ({ policy, ...(kind === 'plan' && { dryRun: true }) }),
    live: fleetLine,
    tidy: at.close,
  });
  const output = ended.output === undefined ? undefined : parsed(fleetOutcome, json(ended.output));
  return {
    at,
    runId,
    arn: ended.executionArn,
    outcome: output,
    failure: output === undefined ? failureLine(ended) : '',
  };
}

/** A document in a bucket. @throws RunError when it is not JSON. */
export async function readDocument(
  { deployment }: Place,
  { bucket, key }: { bucket: string; key: string },
): Promise<unknown> {
  const { Body } = await deployment.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const { gunzipSync } = await import('node:zlib');
  const found = json((key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8'));
  if (found === undefined) throw new RunError(`s3://${bucket}/${key} is no document of this version`);
  return found;
}
