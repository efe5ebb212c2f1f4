import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { anonymousFigures } from '../../../shared/efs/anonymousFigures.ts';
import { efsFacts, isToTell, messageOf, resultOf } from '../../../shared/efs/report.ts';

const run = { runId: 'r1', policy: 'home', startedAt: '2026-11-24T01:15:00.000Z', windowSeconds: 7200 };
const now = new Date('2026-11-24T01:45:00.000Z');
const copied = {
  status: 'copied',
  generation: '20261124T011500Z',
  kpis: { files: 1200, filesTransferred: 12, startedAt: '2026-11-24T01:17:00Z', note: 'dropped', none: null },
};
const failure = (name: string) => ({ failure: { Error: name, Cause: 'why' } });
const result = (facts: object, worker = {}) => resultOf('backup', run, v.parse(efsFacts, facts), worker, now);

describe('what a run on EFS comes to', () => {
  test('complete, with the figures of copy, verification and expiry, as shares of the whole', () => {
    const { verdict, generation, kpis, expired } = result({
      copied,
      verified: { entries: 1300, sampled: 200, seconds: 40 },
      published: { generation: '20261124T011500Z' },
      expired: { expired: ['20261117T011500Z'], left: [], seconds: 180, entries: 1200 },
    });
    expect([verdict, generation, expired]).toEqual(['COMPLETE', '20261124T011500Z', ['20261117T011500Z']]);
    expect(kpis).toEqual({
      files: 1200,
      filesTransferred: 12,
      startedAt: '2026-11-24T01:17:00Z',
      runSeconds: 1800,
      windowShare: 0.25,
      verifySeconds: 40,
      filesSampled: 200,
      expirySeconds: 180,
      entriesExpired: 1200,
      expiryShare: 0.1,
    });
  });

  test.each([
    ['WindowOver', {}, 'INCOMPLETE'],
    ['WorkerLost', {}, 'INCOMPLETE'],
    ['Aborted', {}, 'INCOMPLETE'],
    ['CommandFailed', {}, 'FAILED'],
    ['WorkerLost', { published: { generation: '20261124T011500Z' } }, 'FAILED'],
  ])('after %s, with %j: %s', (name, more, verdict) => {
    expect(result({ copied, ...more, ...failure(name) }).verdict).toBe(verdict);
  });

  test("a run that did not get its copy's figures has those that the worker left", () => {
    expect(result(failure('WindowOver'), { kpis: { files: 7 } }).kpis.files).toBe(7);
  });
});

test.each([
  ['COMPLETE', 'failures', false],
  ['COMPLETE', 'always', true],
  ['COMPLETE', 'never', false],
  ['FAILED', 'failures', true],
  ['FAILED', 'never', false],
  ['INCOMPLETE', 'failures', true],
  ['INCOMPLETE', 'never', true],
] as const)('%s is told with notify: %s: %s', (verdict, notify, tell) => {
  expect(isToTell(verdict, notify)).toBe(tell);
});

test('a message says what happened, where the logs are, and that the next run goes on', () => {
  const logs = { bucket: 'staging', key: 'logs/efs/home/r1.tar.gz' };
  const { subject, text } = messageOf(result({ copied, ...failure('WindowOver') }, { logs }));
  expect(subject).toBe('backup-drill: EFS backup home INCOMPLETE');
  for (const words of [
    'WindowOver: why',
    'The next run continues it',
    's3://staging/logs/efs/home/r1.tar.gz',
  ])
    expect(text).toContain(words);
});

test('what leaves the account has numbers only: no name, no id, no path', () => {
  const figures = anonymousFigures(result({ copied, ...failure('WindowOver') }));
  expect(figures).toEqual({
    operation: 'backup',
    verdict: 'INCOMPLETE',
    files: 1200,
    filesTransferred: 12,
    runSeconds: 1800,
    windowShare: 0.25,
  });
});
