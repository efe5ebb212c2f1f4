import { describe, expect, test } from '@jest/globals';
import { planLines } from '../../cli/commands/plan.ts';
import { fleetReportLines } from '../../cli/commands/run.ts';
import { fleetLine } from '../../cli/fleetProgress.ts';
import { HistoryBuilder } from './historyEvents.ts';

const plain = (_style: string, text: string) => text;
const batch = (name: string) =>
  `arn:aws:states:eu-west-1:1:execution:backup-drill-dev-batch-backup:run-${name}`;
const report = { bucket: 'evidence', key: 'runs/2026-03-01/run-1.json' };

describe('the progress of a fleet', () => {
  test('adds up what all batches have told last', () => {
    const first = new HistoryBuilder()
      .state('SubmitCaptures', 'Task', 0, 2, { Payload: { left: 950 } })
      .state('SubmitCaptures', 'Task', 10, 12, { Payload: { left: 900 } });
    const second = new HistoryBuilder()
      .state('SubmitCaptures', 'Task', 0, 2, { Payload: { left: 0 } })
      .state('CheckCaptures', 'Task', 60, 61, { Payload: { seen: { pending: 412, most: 1000 } } });
    const third = new HistoryBuilder()
      .state('CheckCaptures', 'Task', 60, 61, { Payload: { seen: { pending: 0, most: 1000 } } })
      .state('VerifyCaptures', 'Task', 61, 62, { Payload: { verified: 998, failed: 2 } });
    const histories = new Map([
      ['arn:aws:states:eu-west-1:1:execution:backup-drill-dev-policy-run:run', []],
      [batch('a'), first.events],
      [batch('b'), second.events],
      [batch('c'), third.events],
    ]);
    expect(fleetLine(histories)).toBe('3 batches: 900 to begin, 412 under way, 998 verified');
  });

  test('says nothing before a batch has told anything', () => {
    expect(fleetLine(new Map([[batch('a'), []]]))).toBeUndefined();
  });
});

test('a run names what is missing, failures first', () => {
  const outcome = {
    status: 'incomplete' as const,
    counts: { regions: 2, selected: 40, verified: 38, failed: 2 },
    failures: ['eu-west-1 i-1: it is pending'],
    warnings: ['eu-west-1 i-2 could not be tagged: it has 50 tags'],
    report,
    retention: {},
  };
  expect(fleetReportLines(outcome, plain)).toEqual([
    'INCOMPLETE  38 of 40 instances have a verified recovery point in 2 Regions',
    '',
    '  ✗ eu-west-1 i-1: it is pending',
    '    and 1 more',
    '',
    '  ! eu-west-1 i-2 could not be tagged: it has 50 tags',
    '',
    'Report     s3://evidence/runs/2026-03-01/run-1.json',
  ]);
});

test('a plan says what would be backed up, deleted and kept, and by which rule', () => {
  const point = { id: 'ami-1', resource: 'i-1', createdAt: '2026-02-01T04:00:00.000Z', region: 'eu-west-1' };
  const lines = planLines(
    { planned: [{ region: 'eu-west-1', instanceId: 'i-1', volumes: 2 }], missing: [], failures: [] },
    [
      { ...point, keep: false, rule: 'older than 14 days' },
      { ...point, id: 'ami-2', keep: true, rule: 'last good point of i-1' },
    ],
    undefined,
  );
  expect(lines).toEqual([
    'Would back up: 1',
    'REGION     INSTANCE  VOLUMES',
    'eu-west-1  i-1       2',
    '',
    'Would delete: 1',
    'REGION     POINT  OF   TAKEN                    RULE',
    'eu-west-1  ami-1  i-1  2026-02-01 04:00:00 UTC  older than 14 days',
    '',
    'Would keep: 1',
    'REGION     POINT  OF   TAKEN                    RULE',
    'eu-west-1  ami-2  i-1  2026-02-01 04:00:00 UTC  last good point of i-1',
    '',
    'Nothing was changed.',
  ]);
});
