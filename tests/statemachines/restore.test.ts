import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { type Functions, runMachine } from './machines.ts';

const request = {
  runId: 'r',
  point: { imageId: 'ami-1' },
  isolated: true,
  overrides: {},
  tags: {},
  keep: true,
};
const looked = { ready: true, waitSeconds: 2, lookedAt: '2026-01-02T03:05:00.000Z' };
const working: Functions = {
  ReadRestoreInput: () => request,
  ChoosePoint: () => ({ imageId: 'ami-1', resource: 'i-0', createdAt: 'then', fingerprintKey: 'points/f' }),
  CheckIsolation: () => ({}),
  LaunchFromPoint: () => ({ instanceId: 'i-1', launchedAt: '2026-01-02T03:04:10.000Z', agentExpected: true }),
  CheckInstance: () => looked,
  CheckOnline: () => looked,
  CompareFingerprint: () => ({ volumes: [], fingerprint: { matches: true, differences: [] } }),
};
const run = (functions: Functions = {}) => runMachine('restore', { ...working, ...functions }, {});

describe('restore', () => {
  test('launches a point and waits until it is up and online', async () => {
    const looks = { status: 0, online: 0 };
    const { status, output } = await run({
      CheckInstance: ({ wanted }) =>
        wanted === 'status-ok' && ++looks.status < 4 ? { ...looked, ready: false } : looked,
      CheckOnline: () => (++looks.online < 3 ? { ...looked, ready: false } : looked),
    });
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({
      instanceId: 'i-1',
      imageId: 'ami-1',
      launchedAt: '2026-01-02T03:04:10.000Z',
      runningAt: looked.lookedAt,
      statusOkAt: looked.lookedAt,
      onlineAt: looked.lookedAt,
      volumes: [],
      fingerprint: { matches: true, differences: [] },
    });
    expect(looks).toEqual({ status: 4, online: 3 });
  });

  test('does not launch when the gate finds a way out of the sandbox', async () => {
    const { status, error, cause, calls } = await run({
      CheckIsolation: thrower('NetworkNotIsolated', 'there is a route to igw-1'),
    });
    expect([status, error, cause]).toEqual(['FAILED', 'NetworkNotIsolated', 'there is a route to igw-1']);
    expect(calls.map(({ name }) => name)).not.toContain('LaunchFromPoint');
  });

  test('in its own place needs no gate, and no agent where none is expected', async () => {
    const { output, calls } = await run({
      ReadRestoreInput: () => ({ ...request, isolated: false, online: false }),
    });
    expect(output.onlineAt).toBeUndefined();
    const names = calls.map(({ name }) => name);
    expect(names).not.toContain('CheckIsolation');
    expect(names).not.toContain('CheckOnline');
  });

  test('waits for no agent where the sandbox has no endpoints, unless told to', async () => {
    const LaunchFromPoint: Functions[string] = () => ({
      instanceId: 'i-1',
      launchedAt: 'then',
      agentExpected: false,
    });
    expect((await run({ LaunchFromPoint })).output.onlineAt).toBeUndefined();
    const told = { LaunchFromPoint, ReadRestoreInput: () => ({ ...request, online: true }) };
    expect((await run(told)).output.onlineAt).toBe(looked.lookedAt);
  });

  test.each([
    ['ReadRestoreInput', 'no'],
    ['ChoosePoint', 'no'],
    ['CheckIsolation', 'no'],
    ['LaunchFromPoint', 'no'],
    ['CheckInstance', 'no (instance i-1 was launched)'],
    ['CheckOnline', 'no (instance i-1 was launched)'],
    ['CompareFingerprint', 'no (instance i-1 was launched)'],
  ])('when %s fails it fails by that name, and says what it has launched', async (bad, cause) => {
    const outcome = await run({ [bad]: thrower('ResourceFailed') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'ResourceFailed', cause });
  });
});
