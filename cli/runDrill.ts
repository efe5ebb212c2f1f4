import { type Cost, estimatedCost } from './cost.ts';
import { criticalPath } from './criticalPath.ts';
import type { PackedData } from './data.ts';
import { countData } from './dataCount.ts';
import { accountOf } from './deployment.ts';
import { detections } from './detection.ts';
import type { DrillFacts } from './drillJson.ts';
import { drillInput, evidenceDirectory } from './drillSettings.ts';
import { downloadEvidence } from './evidence.ts';
import type { Ending, Histories } from './follow.ts';
import { interruptText, onInterrupt } from './interrupt.ts';
import type { Typed } from './options.ts';
import { drillOutcome } from './outcome.ts';
import type { Place } from './place.ts';
import { Progress } from './progress.ts';
import { runName, startAndFollow } from './start.ts';

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
  const progress = new Progress(process.stderr, place.now);
  let executionArn: string | undefined;
  const unwatch = onInterrupt(
    () => interruptText(place.kind, executionArn),
    async () => void (await Promise.all([place.close(), data?.remove()])),
  );
  const before = local?.account.meter.parts();
  try {
    const uploaded = data && (await upload(place, data, name));
    const ending = await startAndFollow(
      deployment,
      { machine: deployment.names.drill, name, input: drillInput(typed, uploaded), everyMs: place.everyMs },
      {
        started: (arn) => {
          executionArn = arn;
          progress.say(`${name} ${where(place)}${purpose ? `, ${purpose}` : ''}`);
        },
        look: (histories) => progress.look(histories),
      },
    );
    progress.look(ending.histories, true);
    const result = await drillOutcome(deployment, ending, name);
    const manifest = result?.recoveryPoint?.manifest;
    const counted = data && manifest && (await countData(deployment.s3, manifest, data));
    const at = result?.evidence;
    const evidence = at && (await downloadEvidence(deployment.s3, at, evidenceDirectory(typed), name));
    return {
      result,
      execution: executionFacts(ending),
      cost: costOf(ending.histories, before, local?.account.meter.parts()),
      ...(counted && { data: counted }),
      evidence,
      ...(local && {
        detection: detections(ending.histories.values(), local.account.timeline),
        criticalPath:
          result?.rto && criticalPath(result.rto.seconds, ending.histories.values(), local.account.timeline),
        isolation: local.isolation,
      }),
    };
  } finally {
    unwatch();
    progress.close();
  }
}

function executionFacts(ending: Ending & { executionArn: string }): DrillFacts['execution'] {
  const { executionArn: arn, status, error, cause } = ending;
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
