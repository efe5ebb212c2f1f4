import type { LocalAccount } from '../local/local.ts';
import { type Cost, estimatedCost } from './cost.ts';
import { criticalPath } from './criticalPath.ts';
import type { PackedData } from './data.ts';
import { countData } from './dataCount.ts';
import { accountOf } from './deployment.ts';
import { detections } from './detection.ts';
import type { DrillFacts } from './drillJson.ts';
import type { DrillResult } from './drillResult.ts';
import { drillInput, evidenceDirectory } from './drillSettings.ts';
import { downloadEvidence } from './evidence.ts';
import type { Histories } from './follow.ts';
import type { Typed } from './options.ts';
import { drillOutcome } from './outcome.ts';
import type { Place } from './place.ts';
import { type EndedRun, runName, watchRun } from './watchRun.ts';

export interface DrillRequest {
  typed: Typed;
  data: PackedData | undefined;
  /** Why this drill runs, when it is not the one that was asked for. */
  purpose?: string;
}

/** Runs one drill at a place, showing its progress on stderr, and gathers what is known at its end. */
export async function runDrill(place: Place, { typed, data, purpose }: DrillRequest): Promise<DrillFacts> {
  const { deployment, local } = place;
  const name = runName('drill', new Date(place.now?.() ?? Date.now()));
  const before = local?.account.meter.parts();
  const ended = await watchRun(place, {
    name,
    machine: deployment.names.drill,
    heading: `${where(place)}${purpose ? `, ${purpose}` : ''}`,
    input: async () => drillInput(typed, data && (await upload(place, data, name))),
    tidy: () => Promise.all([place.close(), data?.remove()]),
  });
  const cost = costOf(ended.histories, before, local?.account.meter.parts());
  const result = await drillOutcome(deployment, ended, name);
  const manifest = result?.recoveryPoint?.manifest;
  const counted = data && manifest && (await countData(deployment.s3, manifest, data));
  const at = result?.evidence;
  const evidence = at && (await downloadEvidence(deployment.s3, at, evidenceDirectory(typed), name));
  return {
    result,
    execution: executionFacts(ended),
    cost,
    ...(counted && { data: counted }),
    evidence,
    ...(local && measurements(local, ended.histories, result)),
  };
}

/** What only an account in this process can tell, since it knows when everything truly happened. */
function measurements(
  { account, isolation }: LocalAccount,
  histories: Histories,
  result: DrillResult | undefined,
): Pick<DrillFacts, 'detection' | 'criticalPath' | 'isolation'> {
  return {
    detection: detections(histories.values(), account.timeline),
    criticalPath: result?.rto && criticalPath(result.rto.seconds, histories.values(), account.timeline),
    isolation,
  };
}

function executionFacts({ executionArn: arn, status, error, cause }: EndedRun): DrillFacts['execution'] {
  return { arn, status, ...(error && { error }), ...(cause && { cause }) };
}

async function upload(
  place: Place,
  data: PackedData,
  name: string,
): Promise<{ bucket: string; key: string }> {
  const { names, region, machine, s3 } = place.deployment;
  const bucket = names.stagingBucket(accountOf(await machine(names.drill)), region);
  const key = `runs/${name}/data.tar`;
  await data.upload(s3, bucket, key);
  return { bucket, key };
}

/** Metered where a meter runs: what was added between its two readings. Estimated from the histories elsewhere. */
function costOf(
  histories: Histories,
  before: Record<string, number> | undefined,
  after: Record<string, number> | undefined,
): Cost {
  if (!before || !after) return estimatedCost(histories.values());
  const parts = Object.fromEntries(
    Object.entries(after).map(([what, dollars]) => [what, dollars - (before[what] ?? 0)]),
  );
  return { dollars: Object.values(parts).reduce((sum, part) => sum + part, 0), parts };
}

/** How commands run inside the local account's instances, so that nobody mistakes one way for the other. */
const INSTANCES = {
  namespace: 'instances in namespaces of their own',
  'user-namespace': 'instances in user namespaces of their own',
  'root-parameter': 'instances in directories, without namespaces',
} as const;

function where({ kind, deployment, local }: Place): string {
  const { names, region } = deployment;
  if (local) return `in a local account, ${INSTANCES[local.isolation]}`;
  return kind === 'lab' ? 'in the lab' : `on ${names.deployment} in ${region}`;
}
