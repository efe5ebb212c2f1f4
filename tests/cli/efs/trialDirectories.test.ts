import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeTarget, trialDirectories } from '../../../cli/efs/trialDirectories.ts';

let directory: string;
const path = (name: string) => join(directory, name);
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'backup-drill-')));
  mkdirSync(path('source'));
  mkdirSync(path('elsewhere'));
  symlinkSync(path('elsewhere'), path('link'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a target is where its links lead to, and is made where it is missing', () => {
  const found = trialDirectories(path('source'), path('link/a/b'));
  expect(found).toEqual({ source: path('source'), target: path('elsewhere/a/b') });
  expect(existsSync(found.target)).toBe(false);
  makeTarget(found.target);
  makeTarget(found.target);
  expect(readdirSync(found.target)).toEqual([]);
});

test('a target whose name begins like the source lies beside it', () => {
  expect(trialDirectories(path('source'), path('source2')).target).toBe(path('source2'));
});

test.each(['/proc/backup-drill/a/b', '/proc'])('nothing can be written at %s', (target) => {
  expect(() => makeTarget(trialDirectories(path('source'), target).target)).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: expect.stringMatching(`^--target "${target}": nothing can be written there`),
    }),
  );
});
