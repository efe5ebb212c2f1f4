import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { type Functions, runMachine } from './machines.ts';

const policy = { name: 'daily', notify: 'never' };
const run = { runId: 'r', regions: ['eu-west-1'], policy, instanceId: 'i-1', paths: [], dryRun: false };

/** Each machine that takes a lock, and what its first function tells it. */
const MACHINES: [string, string, object][] = [
  ['ami-backup', 'ReadBackupInput', run],
  ['dr-drill', 'ReadDrillInput', { ...run, startedAt: '2026-01-02T03:04:05.000Z' }],
  ['policy-run', 'ReadPolicy', { run, accountId: '1', ...run }],
  ['retention', 'ReadPolicy', run],
  ['efs-backup', 'ReadEfsBackup', { ...run, policy: 'daily', lockSeconds: 60 }],
  ['efs-restore', 'ReadEfsRestore', { ...run, policy: 'daily', lockSeconds: 60 }],
];

describe.each(MACHINES)('%s', (machine, reader, settings) => {
  const ended = (lock: Functions) =>
    runMachine(machine, { [reader]: () => settings, ReleaseLock: () => ({ released: true }), ...lock }, {});

  test('gives a lock back of which it does not know whether it has it', async () => {
    const outcome = await ended({ AcquireLock: thrower('Sandbox.Timedout', 'no answer in time') });
    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'Sandbox.Timedout',
      cause: expect.stringContaining('no answer in time'),
    });
    expect(outcome.calls.map(({ name }) => name)).toEqual([reader, 'AcquireLock', 'ReleaseLock']);
  });

  test('goes on to give it back when the cause was cut in the midst of its JSON', async () => {
    const outcome = await ended({ AcquireLock: thrower('Boom', 'x'.repeat(40_000)) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Boom' });
    expect(outcome.cause).toContain('xxx');
    expect(outcome.calls.at(-1)?.name).toBe('ReleaseLock');
  });
});
