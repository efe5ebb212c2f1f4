import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import { formatSeconds } from '../duration.ts';
import type { Ending } from '../follow.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { placeWithHistory } from '../place.ts';
import { type Paint, paintFor } from '../report.ts';
import { restoreInput } from '../restoreInput.ts';
import { table } from '../table.ts';
import { RunError } from '../usage.ts';
import { runName, watchRun } from '../watchRun.ts';

/** What the restore machine gives back, as far as a person is told of it. */
const restored = v.looseObject({
  instanceId: v.string(),
  imageId: v.string(),
  launchedAt: v.string(),
  runningAt: v.nullish(v.string()),
  statusOkAt: v.nullish(v.string()),
  onlineAt: v.nullish(v.string()),
  volumes: v.array(v.looseObject({ volumeId: v.string(), deviceName: v.string(), snapshotId: v.string() })),
  fingerprint: v.nullish(
    v.looseObject({
      matches: v.boolean(),
      differences: v.array(
        v.object({ field: v.string(), expected: v.unknown(), actual: v.unknown(), onPurpose: v.boolean() }),
      ),
    }),
  ),
});
type Restored = v.InferOutput<typeof restored>;

/** Restores a point and shows what it became. */
export async function restore(typed: Typed): Promise<number> {
  const input = restoreInput(typed);
  const place = await placeWithHistory('restore', typed);
  const { deployment } = place;
  const name = runName('restore', new Date());
  const ended = await watchRun(place, {
    name,
    machine: deployment.names.restore,
    heading: `on ${deployment.names.deployment} in ${deployment.region}`,
    input: async () => input,
    tidy: place.close,
  });
  if (ended.output === undefined) throw new RunError(failureLine(ended) + hint(ended));
  const output = parsed(restored, JSON.parse(ended.output));
  const lines = typed.has('json')
    ? [JSON.stringify({ execution: ended.executionArn, ...output }, null, 2)]
    : ['', ...restoreReport(output, paintFor(process.stdout))];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function hint({ error }: Ending): string {
  return error === 'InvalidIPAddress.InUse' ? ' While the original has it, give --address auto.' : '';
}

/** What was restored, for a person. */
export function restoreReport(output: Restored, paint: Paint): string[] {
  const after = (what: string, iso: string | null | undefined) =>
    iso
      ? `${what} after ${formatSeconds((Date.parse(iso) - Date.parse(output.launchedAt)) / 1000)}`
      : `${what}: not seen`;
  const { runningAt, statusOkAt, onlineAt } = output;
  return [
    `${paint('green', output.instanceId)} from ${output.imageId}`,
    [after('running', runningAt), after('status checks', statusOkAt), after('agent', onlineAt)].join(', '),
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
