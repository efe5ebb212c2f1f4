/**
 * `npm run bench [-- SECTION…] [--json]`: measures, and prints a table with goal and baseline beside each figure, or one
 * flat JSON object, key to number. Ends with 1 when a section could not be measured, 2 for a wrong word; a figure short
 * of its goal is shown as such and is no error, since those of wall time depend on the machine.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { table } from '../../cli/table.ts';
import { type Figure, type Figures, meets, type Section } from './figure.ts';
import { inOrder, sectionNames } from './sections.ts';

const RUN_SECTION = join(import.meta.dirname, 'runSection.ts');

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const json = words.includes('--json');
  const asked = words.filter((word) => word !== '--json');
  const names = sectionNames();
  const unknown = asked.find((word) => !names.includes(word));
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no section ${unknown}; there are ${names.join(', ')}\n`);
    return 2;
  }
  const measured: Figures = {};
  let broken = 0;
  for (const [name, section] of await inOrder(asked.length > 0 ? asked : names)) {
    const began = performance.now();
    process.stderr.write(`${name} …`);
    try {
      Object.assign(measured, await measure(name, section, measured));
      process.stderr.write(` ${Math.round((performance.now() - began) / 1000)} s\n`);
    } catch (error) {
      broken++;
      process.stderr.write(` broken: ${error instanceof Error ? error.message : error}\n`);
    }
  }
  process.stdout.write(json ? `${JSON.stringify(valuesOf(measured), null, 2)}\n` : asTable(measured));
  return broken > 0 ? 1 : 0;
}

/** Runs a section in a process of its own. @throws Error when it ends without figures */
async function measure(name: string, { heapMegabytes }: Section, known: Figures): Promise<Figures> {
  const heap = heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`];
  const child = fork(RUN_SECTION, [name], {
    execArgv: ['--disable-warning=ExperimentalWarning', ...heap],
    // Its standard output would mix with the figures.
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  return await new Promise<Figures>((resolve, reject) => {
    child.once('message', (figures: Figures) => resolve(figures));
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
    child.send(valuesOf(known));
  });
}

function valuesOf(figures: Figures): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([key, { value }]) => [key, value]));
}

function asTable(figures: Figures): string {
  const rows = Object.entries(figures).map(([key, figure]) => [
    key,
    `${rounded(figure.value)}${figure.unit === '' ? '' : ` ${figure.unit}`}`,
    goalOf(figure),
    meets(figure) ? '' : 'SHORT',
    figure.baseline ?? '',
    figure.what,
  ]);
  const heading = ['figure', 'measured', 'goal', '', 'baseline', 'what'];
  return `${table([heading, ...rows]).join('\n')}\n`;
}

function goalOf({ goal }: Figure): string {
  if (!goal) return '';
  return 'atMost' in goal ? `<= ${goal.atMost}` : `>= ${goal.atLeast}`;
}

/** Four significant digits; whole from 1,000 on. */
function rounded(value: number): string {
  if (Math.abs(value) >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(4)));
}
