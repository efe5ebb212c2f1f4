import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { differences } from '../../../cli/efs/compare.ts';
import { withFpsync } from '../../requires.ts';

withFpsync('two directories are compared', () => {
  let directory: string;
  const path = (...parts: string[]) => join(directory, ...parts);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'backup-drill-'));
    execFileSync('bash', ['-c', 'mkdir one && cd one && echo x > file && ln file link && mkfifo pipe'], {
      cwd: directory,
    });
    execFileSync('rsync', ['-aHAX', `${path('one')}/`, `${path('two')}/`]);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('and are the same', () => {
    expect(differences(path('one'), path('two'))).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    ['content', () => writeFileSync(path('two', 'file'), 'y\n'), 'file'],
    ['a mode', () => chmodSync(path('two', 'file'), 0o600), 'file'],
    ['a file less', () => rmSync(path('two', 'file')), 'file'],
    ['a file more', () => writeFileSync(path('two', 'more'), ''), 'more'],
    ['a pipe less', () => rmSync(path('two', 'pipe')), 'pipe'],
    [
      'a broken hard link',
      () => {
        rmSync(path('two', 'link'));
        cpSync(path('two', 'file'), path('two', 'link'), { preserveTimestamps: true });
      },
      'link',
    ],
    [
      'an ACL',
      () => execFileSync('setfacl', ['-m', 'u:1234:r', path('two', 'file')]),
      'access control lists',
    ],
    [
      'an attribute',
      () => execFileSync('setfattr', ['-n', 'user.a', '-v', 'b', path('two', 'file')]),
      'extended attributes',
    ],
  ])('and differ by %s', (_, damage, words) => {
    damage();
    expect(differences(path('one'), path('two')).join('\n')).toContain(words);
  });
});
