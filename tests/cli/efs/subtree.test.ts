import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { removeRestored, subtreeOf } from '../../../cli/efs/subtree.ts';
import { ORDINARY_USER, withOrdinaryUser } from '../../requires.ts';

let directory: string;
const path = (...parts: string[]) => join(directory, ...parts);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backup-drill-'));
});
afterEach(() => {
  spawnSync('chmod', ['-R', 'u+rwX', directory]);
  rmSync(directory, { recursive: true, force: true });
});

describe('the subtree that a trial restores', () => {
  test('is the first directory that holds something', () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(path(name));
    for (const name of ['0', 'b/file', 'c/file']) writeFileSync(path(name), '');
    expect(subtreeOf(directory)).toBe('b');
  });

  test('is none whose name is no text', () => {
    const odd = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x41, 0xff, 0xfe])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/file')]), '');
    expect(subtreeOf(directory)).toBe('');
    mkdirSync(path('later', 'ä'), { recursive: true });
    expect(subtreeOf(directory)).toBe('later');
  });

  test('is everything where there is no such directory', () => {
    mkdirSync(path('empty'));
    writeFileSync(path('file'), '');
    expect(subtreeOf(directory)).toBe('');
  });
});

withOrdinaryUser('what an ordinary user has restored', () => {
  test('is removed with the directories that its owner may not write to', () => {
    chmodSync(directory, 0o777);
    const asUser = (...argv: string[]) => spawnSync('setpriv', [...ORDINARY_USER, ...argv]);
    const lines = [
      'mkdir -p top/kept/deep',
      'touch top/kept/deep/file',
      'chmod 555 top/kept/deep top/kept top',
    ];
    asUser('sh', '-ec', `cd ${directory}; ${lines.join('; ')}`);
    expect(existsSync(path('top', 'kept', 'deep', 'file'))).toBe(true);
    const call = `(await import(${JSON.stringify(resolve('cli/efs/subtree.ts'))})).removeRestored(${JSON.stringify(path('top'))})`;
    const { stderr } = asUser(process.execPath, '--input-type=module', '-e', call);
    expect(stderr.toString()).toBe('');
    expect(existsSync(path('top'))).toBe(false);
  });
});

test('what is not there is removed', () => {
  expect(() => removeRestored(path('nothing'))).not.toThrow();
});
