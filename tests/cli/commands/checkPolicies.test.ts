import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'backup-drill-test-'));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function check(cwd: string, ...words: string[]) {
  const program = [resolve('cli/backup-drill.ts'), 'check-policies', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('the file that ships can be deployed', () => {
  expect(check('.')).toEqual({ status: 0, stdout: 'policies.yml can be deployed.\n', stderr: '' });
});

test('a file with faults is refused with a line for each, or as one object', () => {
  writeFileSync(join(place, 'mine.yml'), 'policies:\n  a:\n    capture: ami\n    keep: {}\n');
  const { status, stdout } = check(place, 'mine.yml');
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /^mine\.yml:4: policies\.a\.keep: keeps nothing: .*\nmine\.yml cannot be deployed\.\n$/,
  );
  expect(JSON.parse(check(place, 'mine.yml', '--json').stdout)).toMatchObject({
    file: 'mine.yml',
    policies: [],
    faults: [{ line: 4, path: 'policies.a.keep' }],
    warnings: [],
  });
});

test('a file that is not there is a wrong call', () => {
  expect(check(place)).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no such file') });
});
