import '../realm.ts';
import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

const run = {
  runId: 'run-1',
  startedAt: '2020-01-01T00:00:00.000Z',
  policy: 'home',
  group: 'workers',
  source: 'fs-1',
  destination: 'fs-2',
  folder: 'backup-drill/home',
  subnets: ['subnet-1'],
  ownImage: false,
  windowSeconds: 7200,
  lockSeconds: 18_000,
  stopAt: '2020-01-01T01:45:00.000Z',
  windowEnd: '2020-01-01T02:00:00.000Z',
  generation: '',
  subtree: '',
  target: '',
  targetMount: '/mnt/source',
  existing: 'keep-newer',
  mirror: 'no',
  maxDeletions: 0,
};
const listed = (generation: string, state = 'complete') => ({ generation, state });
const look = (ready: boolean, more: object = {}) => ({ ready, waitSeconds: 60, ...more });

/** The machine with these generations, and functions that do what they should, but for those given. */
async function restore(generations: object[], more: Functions = {}): Promise<Outcome & { steps: string[] }> {
  const sent: string[] = [];
  const results: Record<string, object> = { list: { generations }, prepare: { ready: true }, stop: {} };
  const outcome = await runMachine(
    'efs-restore',
    {
      ReadEfsRestore: () => run,
      AcquireLock: () => ({}),
      CheckFileSystems: () => ({}),
      ScaleWorker: () => ({ scaledAt: '2020-01-01T00:00:00.000Z' }),
      CheckWorker: ({ wanted }) => look(true, wanted === 'none' ? {} : { instanceId: 'i-1' }),
      CheckOnline: () => look(true),
      SendCommand: ({ step }) => {
        sent.push(step);
        return { commandId: step, sentAt: '2020-01-01T00:00:00.000Z' };
      },
      CheckCommand: ({ step }) => look(true, { result: results[step], startedAt: 'a', finishedAt: 'b' }),
      CheckWork: () => look(true, { overdue: false, result: { status: 'restored' } }),
      RecordEfsRun: ({ facts }) => ({
        result: facts,
        tell: facts.failure !== undefined,
        message: { subject: 'told', text: 'text' },
      }),
      ReleaseLock: () => ({ released: true }),
      ...more,
    },
    { policy: 'home' },
    ['run-command'],
  );
  return { ...outcome, steps: sent };
}

const called = ({ calls }: Outcome, name: string) => calls.filter((call) => call.name === name);
const sent = (outcome: Outcome, step: string) =>
  called(outcome, 'SendCommand').find(({ event }) => event.step === step)?.event;

describe('a restore on EFS', () => {
  test.each([
    ['one', [listed('20200101T000000Z')], '20200101T000000Z'],
    [
      'several',
      [
        listed('20200101T000000Z'),
        listed('20200102T000000Z'),
        listed('20200103T000000Z', 'partial'),
        listed('20191231T000000Z', 'expired'),
      ],
      '20200102T000000Z',
    ],
  ])('is of the latest complete generation of %s', async (_, generations, wanted) => {
    const outcome = await restore(generations);
    expect([outcome.status, outcome.steps]).toEqual(['SUCCEEDED', ['prepare', 'list', 'restore']]);
    expect(sent(outcome, 'restore').parameters.Generation).toBe(wanted);
  });

  test.each([
    ['nothing', []],
    ['nothing complete', [listed('20200101T000000Z', 'partial')]],
  ])('where there is %s says so, and leaves nothing behind', async (_, generations) => {
    const outcome = await restore(generations);
    expect([outcome.status, outcome.error, outcome.cause]).toEqual([
      'FAILED',
      'ResourceNotFound',
      'there is no complete generation in backup-drill/home of fs-2',
    ]);
    expect(called(outcome, 'ScaleWorker').map(({ event }) => event.desired)).toEqual([1, 0]);
    expect(called(outcome, 'ReleaseLock')).toHaveLength(1);
    expect(outcome.published).toEqual(['told']);
  });

  test('has until the end of its window, and is stopped once when it outlasts it', async () => {
    let looks = 0;
    const stopped = thrower('CommandFailed', 'restore: efs: the restore has stopped');
    const outcome = await restore([listed('20200101T000000Z')], {
      CheckWork: (event) => (++looks < 5 ? look(false, { overdue: looks > 1 }) : stopped(event)),
    });
    expect(outcome.steps).toEqual(['prepare', 'list', 'restore', 'stop']);
    const { parameters, timeoutSeconds } = sent(outcome, 'restore');
    expect(timeoutSeconds).toBe(Number(parameters.Seconds) + 900);
    expect(sent(outcome, 'stop').parameters).toEqual({ Folder: 'backup-drill/home', Seconds: '600' });
    expect([outcome.error, outcome.cause]).toEqual([
      'CommandFailed',
      'restore: efs: the restore has stopped',
    ]);
    expect(called(outcome, 'CheckWork')[0]?.event.stopAt).toBe(run.stopAt);
    expect(called(outcome, 'ReleaseLock')).toHaveLength(1);
  });

  test('whose stop fails ends all the same: the worker goes, and the lock', async () => {
    const outcome = await restore([listed('20200101T000000Z')], {
      CheckWork: () => look(false, { overdue: true }),
      CheckCommand: ({ step }) =>
        step === 'stop'
          ? thrower('CommandFailed', 'stop: Failed')({ step })
          : look(true, {
              result: step === 'list' ? { generations: [listed('20200101T000000Z')] } : { ready: true },
              startedAt: 'a',
              finishedAt: 'b',
            }),
    });
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'CommandFailed']);
    expect(called(outcome, 'ScaleWorker').at(-1)?.event.desired).toBe(0);
    expect(called(outcome, 'ReleaseLock')).toHaveLength(1);
  });
});
