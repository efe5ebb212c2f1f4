import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';

const MODULE = join(import.meta.dirname, '../../cli/interrupt.ts');

/** Runs a program that uses `interruptible`, and interrupts it once it has said `ready`. */
async function interrupted(program: string) {
  const source = `import { interruptible } from ${JSON.stringify(MODULE)};\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { PATH: process.env.PATH },
  });
  const said = text(child.stderr);
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  return { code, said: await said };
}

test('an interrupt says the innermost text and tidies up from the inside out', async () => {
  const outcome = await interrupted(`
    const ending = (name) => ({ text: () => name, tidy: async () => console.error('tidied ' + name) });
    const wait = () => new Promise((resolve) => { setTimeout(resolve, 10_000); console.log('ready'); });
    await interruptible(() => interruptible(wait, ending('inner')), ending('outer'));`);
  expect(outcome).toEqual({ code: 130, said: '\ninner\ntidied inner\ntidied outer\n' });
});

test('what breaks while things are tidied up is not told, and keeps nothing from being tidied up', async () => {
  const outcome = await interrupted(`
    let breakDown;
    const work = () => new Promise((_, reject) => { breakDown = reject; setTimeout(() => {}, 10_000); console.log('ready'); });
    const inner = async () => {
      breakDown(new Error('under its feet'));
      Promise.reject(new Error('elsewhere'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error('not tidied');
    };
    const outer = async () => console.error('tidied');
    await interruptible(() => interruptible(work, { text: () => 'stopped', tidy: inner }), { text: () => '', tidy: outer });`);
  expect(outcome).toEqual({ code: 130, said: '\nstopped\ntidied\n' });
});
