import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** Runs the command as a person does, in an empty directory, without any AWS settings. */
function run(cwd: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('cli/backup-drill.ts'), ...words], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: cwd, AWS_EC2_METADATA_DISABLED: 'true' },
  });
  return { status, stdout, stderr };
}

describe('the command line', () => {
  let place = '';
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'backup-drill-test-'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true }));

  test.each([
    [
      'no command',
      [],
      'say what to do: drill, restore, run, plan, efs, points, rebuild, runs, check-policies, lab',
    ],
    [
      'an unknown command',
      ['dril'],
      'no command "dril"; there are drill, restore, run, plan, efs, points, rebuild, runs, check-policies, lab',
    ],
    ['an unknown option', ['drill', '--corupt', 'flip'], 'drill has no option --corupt; it takes --data'],
    ['an unknown kind of damage', ['drill', '--corrupt', 'bits'], '--corrupt "bits": choose one of flip,'],
    [
      'damage on a stage',
      ['drill', '--corrupt', 'flip', '--stage', 'dev'],
      '--corrupt: is for the local account',
    ],
    ['a directory that is not there', ['drill', '--data', 'none'], '--data none: there is no such directory'],
    [
      'a bad duration',
      ['drill', '--rto', 'soon'],
      '--rto "soon": give a number and s, m, h or d, such as 30m',
    ],
    ['a Region without a stage', ['runs', '--region', 'eu-west-1'], '--region: needs --stage NAME'],
    [
      'a stage without a Region',
      ['runs', '--stage', 'dev'],
      'no Region is set: give --region, or set AWS_REGION',
    ],
    [
      'a stage without credentials',
      ['runs', '--stage', 'dev', '--region', 'eu-west-1'],
      'no AWS credentials were found',
    ],
    [
      'points of nothing',
      ['points'],
      'points: name a stage with --stage, or start a local account in another terminal',
    ],
    ['a rebuild of nothing', ['rebuild'], 'rebuild: name a stage with --stage'],
    ['runs of nothing', ['runs'], 'runs: name a stage with --stage'],
    ['a restore from nothing', ['restore', 'ami-01234567'], 'restore: name a stage with --stage'],
    ['a port that is none', ['lab', '--port', '99999'], '--port "99999": give a number from 0 to 65535'],
    ['a speed that is none', ['lab', '--speed', 'fast'], '--speed "fast": give a number above 0, or max'],
  ])('%s: one line that says what is right, exit 2', (_name, words, line) => {
    const { status, stdout, stderr } = run(place, ...words);
    expect(stderr).toContain(`backup-drill: ${line}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('help is on stdout and no failure', () => {
    expect(run(place, '--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('usage: backup-drill COMMAND'),
    });
    expect(run(place, 'drill', '--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('--corrupt flip|'),
    });
  });
});
