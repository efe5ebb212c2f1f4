import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { runMachine } from './machines.ts';

const input = { runId: 'r', step: 's', instanceId: 'i-1', document: 'thaw', timeoutSeconds: 60 };
const sent = { commandId: 'c-1', sentAt: '2026-01-02T03:04:05.000Z' };
const done = { ready: true, waitSeconds: 2, result: { n: 1 }, startedAt: 'a', finishedAt: 'b' };

describe('run-command', () => {
  test('looks until the command has finished, and gives its result', async () => {
    let looks = 0;
    const { status, output, calls } = await runMachine(
      'run-command',
      {
        SendCommand: () => sent,
        CheckCommand: () => (++looks < 3 ? { ready: false, waitSeconds: 2 } : done),
      },
      input,
    );
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({ commandId: 'c-1', startedAt: 'a', finishedAt: 'b', result: { n: 1 } });
    expect(calls.map(({ name }) => name)).toEqual([
      'SendCommand',
      'CheckCommand',
      'CheckCommand',
      'CheckCommand',
    ]);
    expect(calls[1]?.event).toEqual({
      commandId: 'c-1',
      instanceId: 'i-1',
      step: 's',
      plain: false,
      since: sent.sentAt,
      limitSeconds: 360,
    });
  });

  test('tries again when AWS asks for patience', async () => {
    let tries = 0;
    const flaky = () => (++tries < 3 ? thrower('Throttled')({}) : sent);
    const { status } = await runMachine(
      'run-command',
      { SendCommand: flaky, CheckCommand: () => done },
      input,
    );
    expect([status, tries]).toEqual(['SUCCEEDED', 3]);
  });

  test.each(['SendCommand', 'CheckCommand'])(
    'fails with the name and the message of what %s threw',
    async (bad) => {
      const functions = { SendCommand: () => sent, CheckCommand: () => done };
      const outcome = await runMachine(
        'run-command',
        { ...functions, [bad]: thrower('CommandFailed', 'exit 1') },
        input,
      );
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'CommandFailed', cause: 'exit 1' });
    },
  );
});
