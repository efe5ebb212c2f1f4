import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { watchPolicies } from '../../../functions/policy/watchPolicies.ts';
import type { SsmService } from '../../../local/account/ssm/ssm.ts';
import { Simulated } from '../simulated.ts';

const HOUR = 3600;
let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

function put(name: string, more: object): void {
  const policy = JSON.stringify({ name, capture: 'ami', keep: { days: 14 }, ...more });
  simulated.account
    .service<SsmService>('ssm', 'eu-west-1')
    .putParameter(`/backup-drill-test/policies/${name}`, policy);
}

/** The record of a run that begins now. */
async function ran(policy: string, verdict: string, more: object = {}): Promise<void> {
  const startedAt = simulated.now;
  const item = {
    id: `${policy}-${startedAt}`,
    entry: 'run',
    kind: 'policy',
    policy,
    startedAt,
    verdict,
    ...more,
  };
  const Item = marshall(item);
  await simulated.call('dynamodb', 'PutItem', { TableName: 'runs', Item });
}

async function watch(failedStarts: object[] = []) {
  return await simulated.run(watchPolicies, { failedStarts });
}

/** Looks, and remembers what was told, as the machine does. */
async function look(failedStarts: object[] = []): Promise<{ subject: string; text: string } | undefined> {
  const { message, remember } = await watch(failedStarts);
  if (message) await simulated.call('dynamodb', 'PutItem', { TableName: 'runs', Item: remember });
  return message;
}

const missed = (schedule: string) => ({
  schedule: `arn:aws:scheduler:eu-west-1:123456789012:schedule/backup-drill-test/${schedule}`,
  due: simulated.now.replace(/\.\d+Z$/, 'Z'),
  error: 'AccessDeniedException',
  message: 'not authorized',
});

test('a policy without a complete run within its RPO is late, but not before its parameter is as old', async () => {
  put('nightly', { objectives: { rpo: '26h' } });
  await simulated.pass(26 * HOUR);
  expect(await watch()).toMatchObject({ policies: 1, problems: [] });
  await simulated.pass(60);
  expect(await look()).toEqual({
    subject: 'NOT BACKED UP AS PROMISED: nightly',
    text: [
      'nightly: LATE: no complete run is known, and its RPO is 26 h.',
      'nightly: No run has ended since.',
      '',
      'docs/runbook.md, "A policy is late", says what to do.',
    ].join('\n'),
  });
});

test('the same is told again after a day, and once when it is well again', async () => {
  put('nightly', { objectives: { rpo: '26h' } });
  await ran('nightly', 'complete');
  await simulated.pass(27 * HOUR);
  expect((await look())?.text).toContain(
    'LATE: the last complete run began 2026-01-02 03:04 UTC, 27 h ago, and its RPO is 26 h.',
  );
  const told: (string | undefined)[] = [];
  for (let count = 0; count < 4; count++) {
    await simulated.pass(6 * HOUR);
    told.push((await look())?.subject);
  }
  expect(told).toEqual([undefined, undefined, undefined, 'NOT BACKED UP AS PROMISED: nightly']);
  await ran('nightly', 'complete');
  expect(await look()).toEqual({ subject: 'Well again: nightly', text: 'nightly: well again.' });
  expect(await look()).toBeUndefined();
});

test('runs that are all incomplete make it late, and the message says how much is missing', async () => {
  put('nightly', { objectives: { rpo: '26h' } });
  await ran('nightly', 'complete');
  for (let night = 0; night < 2; night++) {
    await simulated.pass(24 * HOUR);
    const counts = { regions: 1, selected: 1000, verified: 998, failed: 2 };
    await ran('nightly', 'incomplete', { counts, failures: ['eu-west-1 i-1: the volume is gone', 'more'] });
  }
  const text = (await look())?.text;
  expect(text).toContain(
    '2 runs have ended since, none complete; the last: nightly-2026-01-04T03:04:05.000Z',
  );
  expect(text).toContain('998 of 1000 backed up; eu-west-1 i-1: the volume is gone.');
});

test('without an RPO a missed run is not told yet, two are', async () => {
  put('daily', { schedule: { cron: '15 1 * * ? *', timezone: 'UTC' } });
  put('often', { schedule: { rate: '10 minutes' } });
  put('once', { schedule: { cron: '15 1 1 1 ? 2027', timezone: 'UTC' } });
  put('byhand', {});
  await ran('often', 'complete');
  await ran('daily', 'complete');
  await simulated.pass(54 * 60);
  expect((await watch()).problems).toEqual([]);
  await simulated.pass(120);
  expect((await watch()).problems).toEqual([
    expect.stringMatching(/^often: LATE: .* 56 min ago, and its runs are at most 10 min apart\.$/),
    'often: No run has ended since.',
  ]);
  await simulated.pass(47 * HOUR);
  expect((await watch()).problems.filter((line) => line.startsWith('daily'))).toEqual([]);
  await simulated.pass(2 * HOUR);
  expect((await watch()).problems.filter((line) => line.includes('LATE'))).toEqual([
    expect.stringMatching(/^daily: LATE: /),
    expect.stringMatching(/^often: LATE: /),
  ]);
});

test('a start that failed is told with its error until a complete run has begun later', async () => {
  put('weekly', { schedule: { rate: '7 days' } });
  await ran('weekly', 'complete');
  await simulated.pass(7 * 24 * HOUR);
  const letters = [missed('weekly')];
  expect(await look(letters)).toMatchObject({
    subject: 'NOT BACKED UP AS PROMISED: weekly',
    text: expect.stringContaining(
      'weekly: NOT STARTED: the run due 2026-01-09 03:04 UTC: AccessDeniedException: not authorized',
    ),
  });
  await simulated.pass(HOUR);
  expect(await look(letters)).toBeUndefined();
  expect(await look()).toBeUndefined(); // somebody looks at the message, or has deleted it: that makes nothing well
  await ran('weekly', 'incomplete');
  expect(await look()).toBeUndefined();
  await ran('weekly', 'complete');
  expect((await look(letters))?.subject).toBe('Well again: weekly');
  expect((await watch(letters)).problems).toEqual([]);
  expect((await watch([missed('weekly.expire'), missed('policies.watch')])).problems).toEqual([
    expect.stringMatching(/^weekly: NOT STARTED: the retention due /),
  ]);
});

test('something new is told at once, with what lasts', async () => {
  put('a', { objectives: { rpo: '2h' } });
  put('b', { objectives: { rpo: '4h' } });
  await simulated.pass(3 * HOUR);
  expect((await look())?.subject).toBe('NOT BACKED UP AS PROMISED: a');
  await simulated.pass(2 * HOUR);
  const message = await look();
  expect(message?.subject).toBe('NOT BACKED UP AS PROMISED: a, b');
  expect(unmarshall((await watch()).remember).problems).toMatchObject({ 'late a': {}, 'late b': {} });
});

test('a policy that wants nobody to hear is left out; one that cannot be read is told, and hides no other', async () => {
  put('quiet', { objectives: { rpo: '2h' }, notify: 'never' });
  put('late', { objectives: { rpo: '2h' } });
  put('later', { schedule: { every: 'week' } });
  await simulated.pass(3 * HOUR);
  expect((await watch([missed('quiet')])).problems).toEqual([
    expect.stringMatching(/^late: LATE/),
    'late: No run has ended since.',
    expect.stringMatching(/^later: its parameter cannot be read: schedule/),
  ]);
});

test('a policy on EFS is judged by its backups, not by its restores', async () => {
  put('files', { capture: 'efs', objectives: { rpo: '26h' } });
  await simulated.pass(20 * HOUR);
  await ran('files', 'COMPLETE', { kind: 'efs-backup' });
  await simulated.pass(20 * HOUR);
  await ran('files', 'COMPLETE', { kind: 'efs-restore' });
  expect((await watch()).problems).toEqual([]);
  await ran('files', 'INCOMPLETE', {
    kind: 'efs-backup',
    failure: { Error: 'WindowOver', Cause: 'too long' },
  });
  await simulated.pass(7 * HOUR);
  expect((await watch()).problems).toEqual([
    expect.stringMatching(/^files: LATE/),
    expect.stringMatching(
      /^files: One run has ended since, incomplete: .*: INCOMPLETE; WindowOver: too long\.$/,
    ),
  ]);
});
