import { describe, expect, test } from '@jest/globals';
import { criticalPath } from '../../cli/criticalPath.ts';
import { HistoryBuilder } from './historyEvents.ts';

/** Moments in seconds. */
function momentsOf(known: Record<string, number>) {
  return { at: (key: string) => (known[key] === undefined ? undefined : known[key] * 1000) };
}

const MOMENTS = {
  'i-1:terminated': 140, // accepted at 100
  'i-2:running': 165, // launched at 150
  'i-2:online': 200,
  'i-2:status-ok': 265,
  'command-seed:finished': 50,
  'command-inspect:finished': 273, // beside the manifest
  'command-manifest:finished': 275,
};

function ended(output: object): HistoryBuilder {
  return new HistoryBuilder().add('ExecutionSucceeded', 0, {
    executionSucceededEventDetails: { output: JSON.stringify(output) },
  });
}

const command = (commandId: string, at: number) =>
  new HistoryBuilder().state('SendCommand', 'Task', at, at + 1, {
    Payload: { commandId, sentAt: new Date(at * 1000).toISOString() },
  }).events;

const HISTORIES = [
  new HistoryBuilder().state('TerminateSource', 'Task', 99, 101, {
    Payload: { instanceId: 'i-1', acceptedAt: new Date(100_000).toISOString() },
  }).events,
  command('command-seed', 45),
  ended({ instanceId: 'i-2', launchedAt: new Date(150_000).toISOString() }).events,
  command('command-inspect', 270),
  command('command-manifest', 270),
];

describe('the critical path of a recovery', () => {
  test('is what physics alone takes, from the accepted termination to the last validation', () => {
    expect(criticalPath(176, HISTORIES, momentsOf(MOMENTS))).toEqual({
      actualSeconds: 176,
      idealSeconds: 40 + 15 + 100 + 5,
      overhead: 176 / 160 - 1,
      ideal: [
        { step: 'source terminated', seconds: 40 },
        { step: 'copy running', seconds: 15 },
        { step: 'checks passed and agent online', seconds: 100 },
        { step: 'validation command', seconds: 5 },
      ],
    });
  });

  test.each(['i-1:terminated', 'i-2:running', 'i-2:online', 'i-2:status-ok'])(
    'is not told without %s',
    (missing) => {
      const { [missing]: _missing, ...rest } = MOMENTS as Record<string, number>;
      expect(criticalPath(176, HISTORIES, momentsOf(rest))).toBeUndefined();
    },
  );
});
