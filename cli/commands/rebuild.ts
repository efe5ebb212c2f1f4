import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';
import { json } from '../decoded.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { placeWithHistory } from '../place.ts';
import { RunError } from '../usage.ts';
import { runName, watchRun } from '../watchRun.ts';

const rebuilt = v.object({
  regions: v.array(v.string()),
  points: v.number(),
  written: v.number(),
  removed: v.number(),
  policiesGone: v.array(v.object({ policy: v.string(), points: v.number() })),
});
type Rebuilt = v.InferOutput<typeof rebuilt>;

/** Makes a place's table of recovery points anew from the tags. */
export async function rebuild(typed: Typed): Promise<number> {
  const at = await placeWithHistory('rebuild', typed);
  const { names, region } = at.deployment;
  const ended = await watchRun(at, {
    name: runName('rebuild', new Date(at.now?.() ?? Date.now())),
    machine: names.rebuildIndex,
    heading: `of the table of points on ${names.deployment} in ${region}`,
    input: async () => ({}),
    tidy: at.close,
  });
  if (ended.output === undefined) throw new RunError(failureLine(ended));
  const found = parsed(rebuilt, json(ended.output));
  const text = typed.has('json') ? JSON.stringify(found, null, 2) : rebuiltLines(found).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

/** What a rebuild came to, for a person. */
export function rebuiltLines({ regions, points, written, removed, policiesGone }: Rebuilt): string[] {
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return [
    `${count(points, 'recovery point')} by their tags in ${count(regions.length, 'Region')}: ` +
      `${count(written, 'line')} written, ${removed} removed`,
    ...policiesGone.map(
      (gone) =>
        `Policy ${gone.policy} is gone; its ${count(gone.points, 'point')} stay${gone.points === 1 ? 's' : ''} until somebody deletes ${gone.points === 1 ? 'it' : 'them'}`,
    ),
  ];
}
