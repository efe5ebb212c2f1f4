import '../realm.ts';
import { describe, expect, test } from '@jest/globals';
import { fake } from '../local/asl/world.ts';
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
  generation: '20200101T000000Z',
  initialise: 'no',
  sourceSentinel: '',
  allowEmpty: 'no',
};
const look = (ready: boolean, more: object = {}) => ({ ready, waitSeconds: 60, ...more });
const RESULTS: Record<string, object> = {
  verify: { status: 'verified', entries: 3, sampled: 2, seconds: 1 },
  publish: { status: 'published', generation: run.generation, already: false },
  list: { generations: [] },
  expire: { expired: [], left: [], seconds: 1, entries: 0 },
  prepare: { ready: true },
  stop: { wasRunning: true },
  'progress-0': { running: true, phase: 'copy', filesFound: 100, filesDone: 40 },
};

/** The machine with functions that do what they should, but for those given. */
async function backUp(
  more: Functions,
  metrics: () => object = () => ({ MetricDataResults: [] }),
): Promise<Outcome & { steps: string[] }> {
  const sent: string[] = [];
  const outcome = await runMachine(
    'efs-backup',
    {
      ReadEfsBackup: () => run,
      AcquireLock: () => ({}),
      CheckFileSystems: () => ({}),
      ScaleWorker: () => ({ scaledAt: '2020-01-01T00:00:00.000Z' }),
      CheckWorker: ({ wanted }) => look(true, wanted === 'none' ? {} : { instanceId: 'i-1' }),
      CheckOnline: () => look(true),
      SendCommand: ({ step }) => {
        sent.push(step);
        return { commandId: step, sentAt: '2020-01-01T00:00:00.000Z' };
      },
      CheckCommand: ({ step }) => look(true, { result: RESULTS[step], startedAt: 'a', finishedAt: 'b' }),
      CheckWork: () =>
        look(true, { overdue: false, result: { status: 'copied', generation: run.generation } }),
      PlanExpiry: () => ({ expire: '', decisions: [] }),
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
    { services: { cloudwatch: fake('cloudwatch', { GetMetricData: metrics }) } },
  );
  return { ...outcome, steps: sent };
}

const called = ({ calls }: Outcome, name: string) => calls.filter((call) => call.name === name);

describe('a backup on EFS', () => {
  test('goes its way: copy, verify, publish, list, expire, and then the worker goes before the lock', async () => {
    const outcome = await backUp({});
    expect([outcome.status, outcome.steps]).toEqual([
      'SUCCEEDED',
      ['prepare', 'copy', 'verify', 'publish', 'list', 'expire'],
    ]);
    const names = outcome.calls.map(({ name }) => name);
    expect(names.lastIndexOf('ScaleWorker')).toBeLessThan(names.indexOf('ReleaseLock'));
    expect(called(outcome, 'ScaleWorker').map(({ event }) => event.desired)).toEqual([1, 0]);
    expect(outcome.published).toEqual([]);
  });

  test("is recorded with the source's burst credits at its start and at its end", async () => {
    const minutes = (...values: number[]) => ({
      Timestamps: values.map((_, minute) => new Date(Date.parse(run.startedAt) + (minute - 2) * 60_000)),
      Values: values,
    });
    const outcome = await backUp({}, () => ({
      MetricDataResults: [
        { Id: 'credits', ...minutes(900, 890, 880, 700, 600) },
        { Id: 'permitted', ...minutes(5, 5, 5, 5, 4) },
      ],
    }));
    expect(called(outcome, 'RecordEfsRun')[0]?.event.facts.throughput).toEqual({
      sourceBurstCreditsBefore: 880,
      sourceBurstCreditsAfter: 600,
      sourcePermittedThroughput: 4,
    });
  });

  test.each([
    ['one value', { Timestamps: [new Date(run.startedAt)], Values: [7] }, 7],
    ['none from before its start', { Timestamps: [new Date('2020-01-01T00:05:00Z')], Values: [8] }, 8],
    ['no value', { Timestamps: [], Values: [] }, undefined],
  ])('is recorded when there is %s', async (_, measured, before) => {
    const outcome = await backUp({}, () => ({ MetricDataResults: [{ Id: 'credits', ...measured }] }));
    expect(outcome.status).toBe('SUCCEEDED');
    const { throughput } = called(outcome, 'RecordEfsRun')[0]?.event.facts ?? {};
    expect(throughput?.sourceBurstCreditsBefore).toBe(before);
  });

  test('whose copy outlasts its window is told to stop once, and ends with what it was stopped at', async () => {
    let looks = 0;
    const outcome = await backUp({
      CheckWork: () => {
        looks++;
        if (looks < 5) return look(false, { overdue: looks > 1 });
        return look(true, { overdue: true, result: { status: 'stopped', generation: run.generation } });
      },
    });
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'WindowOver']);
    expect(outcome.steps).toEqual(['prepare', 'copy', 'stop']);
    expect(called(outcome, 'RecordEfsRun')[0]?.event.facts.copied.status).toBe('stopped');
    expect(called(outcome, 'ReleaseLock')).toHaveLength(1);
    expect(outcome.published).toEqual(['told']);
  });

  test('that takes long is asked every ten minutes how far it is, and says so when it is stopped', async () => {
    let looks = 0;
    const outcome = await backUp({
      CheckWork: () => {
        looks++;
        if (looks < 15) return look(false, { overdue: false });
        return look(true, { overdue: true, result: { status: 'stopped', generation: run.generation } });
      },
    });
    expect(outcome.steps).toEqual(['prepare', 'copy', 'progress-0']);
    expect(outcome.cause).toContain('40 of the 100 files found were done');
  });

  test('whose progress cannot be read goes on', async () => {
    let looks = 0;
    const outcome = await backUp({
      CheckWork: () =>
        ++looks < 30
          ? look(false, { overdue: false })
          : look(true, { overdue: false, result: { status: 'copied', generation: run.generation } }),
      CheckCommand: ({ step }) => {
        if (step.startsWith('progress')) throw Object.assign(new Error('Failed'), { name: 'CommandFailed' });
        return look(true, { result: RESULTS[step], startedAt: 'a', finishedAt: 'b' });
      },
    });
    expect(outcome.status).toBe('SUCCEEDED');
    expect(outcome.steps.filter((step) => step.startsWith('progress'))).toEqual(['progress-0', 'progress-1']);
  });

  test('whose stop fails ends all the same: the worker goes, and the lock', async () => {
    const outcome = await backUp({
      CheckWork: () => look(false, { overdue: true }),
      CheckCommand: ({ step }) => {
        if (step === 'stop') throw Object.assign(new Error('stop: Failed'), { name: 'CommandFailed' });
        return look(true, { result: RESULTS[step], startedAt: 'a', finishedAt: 'b' });
      },
    });
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'CommandFailed']);
    expect(called(outcome, 'ScaleWorker').at(-1)?.event.desired).toBe(0);
    expect(called(outcome, 'ReleaseLock')).toHaveLength(1);
  });

  test('whose group may still have its worker keeps the lock', async () => {
    const outcome = await backUp({
      CheckWorker: ({ wanted }) => {
        if (wanted === 'in-service') return look(true, { instanceId: 'i-1' });
        throw Object.assign(new Error('it did not come'), { name: 'ResourceFailed' });
      },
    });
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'ResourceFailed']);
    expect(outcome.cause).toContain('the group workers may still have its worker');
    expect(called(outcome, 'ReleaseLock')).toEqual([]);
  });
});
