import { packData } from '../data.ts';
import { type DrillFacts, drillJson } from '../drillJson.ts';
import { CORRUPTIONS, checkDrillOptions, chosen, disksFor, ISOLATIONS } from '../drillSettings.ts';
import { interruptible } from '../interrupt.ts';
import type { Typed } from '../options.ts';
import { failureLine } from '../outcome.ts';
import { existingPlace, localPlace, type Place } from '../place.ts';
import { drillReport, paintFor } from '../report.ts';
import { type DrillRequest, runDrill } from '../runDrill.ts';

/** Runs a drill and shows it. @returns the exit code: 0 only for PASS. */
export async function drill(typed: Typed): Promise<number> {
  checkDrillOptions(typed, process.getuid?.());
  const directory = typed.one('data');
  const data = directory === undefined ? undefined : await packData(directory);
  let place: Place | undefined;
  const tidy = () => Promise.all([place?.close(), data?.remove()]);
  const work = async () => {
    place = await drillPlace(typed);
    return show(typed, await drillAt(place, { typed, data }));
  };
  try {
    return await interruptible(work, { text: () => 'Stopped.', tidy });
  } finally {
    await tidy();
  }
}

/** Faults and settings want an account of their own, also when a lab runs. */
async function drillPlace(typed: Typed): Promise<Place> {
  const disks = disksFor(typed);
  const isolation = chosen(typed, 'isolation', ISOLATIONS);
  const own = typed.has('corrupt') || disks !== undefined || isolation !== undefined;
  const existing = own ? undefined : await existingPlace(typed);
  return existing ?? (await localPlace({ disks, isolation }));
}

async function drillAt(place: Place, request: DrillRequest): Promise<DrillFacts> {
  const corrupt = chosen(request.typed, 'corrupt', CORRUPTIONS);
  if (corrupt === 'stale') await runDrill(place, { ...request, purpose: 'to have an older backup' });
  if (corrupt !== undefined) place.local?.damageRestoredCopy(corrupt);
  return await runDrill(place, request);
}

function show(typed: Typed, facts: DrillFacts): number {
  const lines = typed.has('json') ? [JSON.stringify(drillJson(facts), null, 2)] : ['', ...reportLines(facts)];
  process.stdout.write(`${lines.join('\n')}\n`);
  const complete = facts.data?.inManifest === facts.data?.found;
  return facts.result?.verdict === 'PASS' && facts.execution.status === 'SUCCEEDED' && complete ? 0 : 1;
}

function reportLines(facts: DrillFacts): string[] {
  const paint = paintFor(process.stdout);
  if (facts.result) return drillReport(facts.result, facts, paint);
  return [`${paint('red', 'FAILED')}  ${failureLine(facts.execution)}`];
}
