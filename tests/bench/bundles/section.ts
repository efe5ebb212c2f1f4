/**
 * The size of the functions, and how long they take to begin.
 *
 * `largestBundleKB`: bytes of the largest zip that `serverless package` makes of a function, over 1,000. The zips hold no
 * source map.
 *
 * `importRatio`: for each function, the median wall time that a fresh Node process takes to import its packaged bundle,
 * over the same of a bare handler: one that has the same SDK clients, sends the same commands, and nothing else, and is
 * bundled the same way. The figure is the median of these ratios over all functions. The two are started in turn, one
 * process at a time. That the way is the same is checked: every function bundled that way is, byte by byte, what the
 * package holds. The functions that call nothing count too; their bare handler is an empty one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unzipSync } from 'fflate';
import { packageTemplate } from '../../../local/deploy/package.ts';
import type { Figures } from '../figure.ts';
import { median } from '../median.ts';
import { bareHandler, clientsIn } from './bare.ts';
import { bundle } from './bundle.ts';

/** Starts of each function and of its bare handler: an odd number, so that the median is one of them. */
const STARTS = 5;
const TIME_IMPORT = join(import.meta.dirname, 'timeImport.mjs');

export async function figures(): Promise<Figures> {
  const packaged = await packageTemplate({ stage: 'dev', region: 'eu-west-1' });
  const zips = readdirSync(packaged)
    .filter((file) => file.endsWith('.zip'))
    .map((file) => join(packaged, file));
  const directory = mkdtempSync(join(tmpdir(), 'backup-drill-bench-'));
  try {
    const ratios = await importRatios(directory, zips);
    return {
      largestBundleKB: {
        value: Math.max(...zips.map((zip) => statSync(zip).size)) / 1000,
        unit: 'kB',
        what: `largest of ${zips.length} functions, zipped`,
        goal: { atMost: 250 },
        baseline: '317-463 kB published for an SDK v3 function',
      },
      importRatio: {
        value: median(ratios.map(({ own, bare }) => own / bare)),
        unit: '',
        what: `import time over a bare handler's, median of ${ratios.length} functions`,
        goal: { atMost: 1.15 },
        baseline: '1, the bare handler',
      },
      importMilliseconds: {
        value: median(ratios.map(({ own }) => own)),
        unit: 'ms',
        what: 'import time, median of all functions',
        baseline: `${median(ratios.map(({ bare }) => bare)).toFixed(1)} ms, the bare handlers`,
      },
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Milliseconds of each function and of its bare handler. */
async function importRatios(directory: string, zips: string[]): Promise<{ own: number; bare: number }[]> {
  const functions = new Map<string, Uint8Array>();
  for (const zip of zips)
    for (const [file, code] of Object.entries(unzipSync(readFileSync(zip))))
      functions.set(file.replace(/\.mjs$/, ''), code);
  const again = await bundle(new Map([...functions.keys()].map((path) => [path, undefined])));
  for (const [path, code] of functions)
    if (!again.get(path) || Buffer.compare(again.get(path)?.code ?? code, code) !== 0)
      throw new Error(`${path} is bundled otherwise here than in the package, so nothing can be compared`);
  const bare = await bundle(
    new Map([...again].map(([path, { inputs }]) => [`bare/${path}`, bareHandler(clientsIn(inputs))])),
  );
  const pairs = [...functions].map(([path, code], at) => ({
    own: written(join(directory, `${at}.own.mjs`), code),
    bare: written(join(directory, `${at}.bare.mjs`), bare.get(`bare/${path}`)?.code ?? new Uint8Array()),
  }));
  const times = pairs.map(() => ({ own: [0].slice(1), bare: [0].slice(1) }));
  for (let start = 0; start < STARTS; start++)
    for (const [at, pair] of pairs.entries()) {
      times[at]?.own.push(timeImport(pair.own));
      times[at]?.bare.push(timeImport(pair.bare));
    }
  return times.map((each) => ({ own: median(each.own), bare: median(each.bare) }));
}

function written(path: string, code: Uint8Array): string {
  writeFileSync(path, code);
  return pathToFileURL(path).href;
}

function timeImport(module: string): number {
  return Number(execFileSync(process.execPath, [TIME_IMPORT, module], { env: {}, encoding: 'utf8' }));
}
