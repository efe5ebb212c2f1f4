import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { main } from '../../../cli/main.ts';

describe('a trial of EFS is refused in one line, exit 2', () => {
  const { PATH } = process.env;
  let directory: string;
  let said: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'backup-drill-'));
    mkdirSync(join(directory, 'source', 'sub'), { recursive: true });
    writeFileSync(join(directory, 'file'), '');
    symlinkSync(join(directory, 'source', 'sub'), join(directory, 'link'));
    symlinkSync(join(directory, 'nowhere'), join(directory, 'loose'));
    said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.env.PATH = PATH;
    rmSync(directory, { recursive: true, force: true });
  });
  const path = (name: string) => join(directory, name);
  const trial = (...words: string[]) => main(['efs', ...words]);

  test('without fpsync, saying how to get it', async () => {
    process.env.PATH = path('nowhere');
    expect(await trial('--source', path('source'), '--target', path('target'))).toBe(2);
    expect(said).toMatch(/^backup-drill: efs needs fpsync on this machine; .*apt-get install fpart[^\n]*\n$/);
  });

  test.each([
    ['without directories', () => trial(), '--source DIR and --target DIR'],
    [
      'with a source that is not there',
      () => trial('--source', path('no'), '--target', path('t')),
      'is no directory',
    ],
    [
      'with a target inside the source',
      () => trial('--source', path('source'), '--target', path('source/inside')),
      'neither may lie in the other',
    ],
    [
      'with a target that is a file',
      () => trial('--source', path('source'), '--target', path('file')),
      'file is a file, no directory',
    ],
    [
      'with a target below a file',
      () => trial('--source', path('source'), '--target', path('file/a/b')),
      'file is a file, no directory',
    ],
    [
      'with a source below a file',
      () => trial('--source', path('file/a'), '--target', path('t')),
      'is no directory',
    ],
    [
      'with a target that is a link to nothing',
      () => trial('--source', path('source'), '--target', path('loose/a')),
      'loose is a link to nothing, no directory',
    ],
    [
      'with a target that leads into the source by a link',
      () => trial('--source', path('source'), '--target', path('link/new')),
      'neither may lie in the other',
    ],
    [
      'with a source that leads to the target by a link',
      () => trial('--source', path('link'), '--target', path('source/sub')),
      'neither may lie in the other',
    ],
    [
      'with a target in /',
      () => trial('--source', path('source'), '--target', '/'),
      'neither may lie in the',
    ],
    ['with an unknown action', () => trial('delete'), 'there are backup, restore, list'],
    ['with an action and no policy', () => trial('backup'), 'name a policy'],
    [
      'with a mirror without a number',
      () => trial('restore', 'home', '--mirror', 'all'),
      'the most that may be deleted',
    ],
  ])('%s', async (_, call, words) => {
    expect(await call()).toBe(2);
    expect(said).toContain(words);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(directory).sort()).toEqual(['file', 'link', 'loose', 'source']);
  });
});
