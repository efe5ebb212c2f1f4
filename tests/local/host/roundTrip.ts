/**
 * Seeds, backs up and restores an instance, and prints what came of it: for tests that run it as another user or kill
 * it. Usage: roundTrip.ts auto|namespace|root-parameter [damage|crash]
 */
import { existsSync, readdirSync } from 'node:fs';
import { LocalHost, type LocalHostOptions } from '../../../local/host/localHost.ts';
import { Bench, differences } from './bench.ts';

const [wanted = 'auto', what = ''] = process.argv.slice(2);
const isolation = wanted === 'namespace' || wanted === 'root-parameter' ? wanted : 'auto';
const disks = what === 'crash' ? 'loop' : 'directories';
const bench = await Bench.open({ isolation, disks });
await bench.launch();
const { owners, entries } = await bench.seed();
if (what === 'crash') {
  await bench.run('echo unflushed > /data1/file; fsfreeze --freeze /data2');
  console.log(JSON.stringify({ directory: bench.directory }));
  await new Promise(() => setInterval(() => undefined, 1000));
}
const before = await bench.manifest();
await bench.backUp('b');
if (what === 'damage') bench.host.corrupt = { kind: 'mode' };
await bench.restore('b', 'i-restored');
const unlike = differences(before, await bench.manifest('i-restored'));
const refusals = [
  refusal(() => {
    bench.host.corrupt = { kind: 'owner' };
  }),
  refusal(
    () =>
      new LocalHost(bench.directory, bench.clock, { isolation, disks: 'loop' } satisfies LocalHostOptions),
  ),
];
await bench.host.dispose();
const left = readdirSync(bench.directory);
await bench.close();
const gone = !existsSync(bench.directory);
console.log(
  JSON.stringify({
    isolation: bench.host.isolation,
    owners,
    entries,
    differences: unlike,
    refusals,
    left,
    gone,
  }),
);

function refusal(attempt: () => unknown): string {
  try {
    attempt();
    return 'not refused';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
