import { z } from 'zod';
import { formatSeconds } from '../duration.ts';
import type { Ending } from '../follow.ts';
import { interruptText, onInterrupt } from '../interrupt.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { placeWithHistory } from '../place.ts';
import { Progress } from '../progress.ts';
import { type Paint, paintFor } from '../report.ts';
import { restoreInput } from '../restoreInput.ts';
import { runName, startAndFollow } from '../start.ts';
import { table } from '../table.ts';
import { RunError } from '../usage.ts';

/** What the restore machine gives back, as far as a person is told of it. */
const restored = z.looseObject({
  instanceId: z.string(),
  imageId: z.string(),
  launchedAt: z.string(),
  runningAt: z.string().nullish(),
  statusOkAt: z.string().nullish(),
  onlineAt: z.string().nullish(),
  volumes: z.array(z.looseObject({ volumeId: z.string(), deviceName: z.string(), snapshotId: z.string() })),
  fingerprint: z
    .looseObject({
      matches: z.boolean(),
      differences: z.array(
        z.object({ field: z.string(), expected: z.unknown(), actual: z.unknown(), onPurpose: z.boolean() }),
      ),
    })
    .nullish(),
});
type Restored = z.infer<typeof restored>;

/** Restores a point and shows what it became. */
export async function restore(typed: Typed): Promise<number> {
  const input = restoreInput(typed);
  const place = await placeWithHistory('restore', typed);
  const { deployment } = place;
  const name = runName('restore', new Date());
  const progress = new Progress(process.stderr, place.now);
  let executionArn: string | undefined;
  const unwatch = onInterrupt(() => interruptText(place.kind, executionArn), place.close);
  try {
    const ending = await startAndFollow(
      deployment,
      { machine: deployment.names.restore, name, input, everyMs: place.everyMs },
      {
        started: (arn) => {
          executionArn = arn;
          progress.say(`${name} on ${deployment.names.deployment} in ${deployment.region}`);
        },
        look: (histories) => progress.look(histories),
      },
    );
    progress.look(ending.histories, true);
    if (ending.output === undefined) throw new RunError(failureLine(ending) + hint(ending));
    const output = restored.parse(JSON.parse(ending.output));
    const lines = typed.has('json')
      ? [JSON.stringify({ execution: ending.executionArn, ...output }, null, 2)]
      : ['', ...restoreReport(output, paintFor(process.stdout))];
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  } finally {
    unwatch();
    progress.close();
  }
}

function hint({ error }: Ending): string {
  return error === 'InvalidIPAddress.InUse' ? ' While the original has it, give --address auto.' : '';
}

/** What was restored, for a person. */
export function restoreReport(output: Restored, paint: Paint): string[] {
  const since = (iso: string | null | undefined) =>
    iso ? formatSeconds((Date.parse(iso) - Date.parse(output.launchedAt)) / 1000) : 'not seen';
  return [
    `${paint('green', output.instanceId)} from ${output.imageId}`,
    `running after ${since(output.runningAt)}, status checks after ${since(output.statusOkAt)}, agent online after ${since(output.onlineAt)}`,
    '',
    ...table([
      ['DEVICE', 'VOLUME', 'FROM'],
      ...output.volumes.map(({ deviceName, volumeId, snapshotId }) => [deviceName, volumeId, snapshotId]),
    ]),
    '',
    ...differenceLines(output, paint),
  ];
}

function differenceLines({ fingerprint }: Restored, paint: Paint): string[] {
  if (!fingerprint) return [];
  if (fingerprint.differences.length === 0) return ['Launched as the original was.'];
  return fingerprint.differences.map(({ field, expected, actual, onPurpose }) => {
    const change = `${field}: ${shown(actual)}, was ${shown(expected)}`;
    return onPurpose ? `${change} (on purpose)` : paint('red', change);
  });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
