import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** What a process prints that has a log named `CheckImage` and does this with it. */
function printed(script: string): { level: string; message: string; service: string }[] {
  const module = new URL('../../shared/taskLog.ts', import.meta.url).href;
  const program = `import { DeferredLog } from '${module}'; const log = new DeferredLog('CheckImage'); ${script}`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('a log writes each line once, when it is flushed', () => {
  const lines = printed(
    "log.warn('first'); await log.flush(); await log.flush(); log.error('second'); await log.flush();",
  );
  expect(lines).toMatchObject([
    { level: 'WARN', message: 'first', service: 'CheckImage' },
    { level: 'ERROR', message: 'second', service: 'CheckImage' },
  ]);
});

test('a log writes nothing by itself', () => {
  expect(printed("await log.flush(); log.info('never flushed');")).toEqual([]);
});
