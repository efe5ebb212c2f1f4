import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

const batch = { runId: 'r', name: 'eu-west-1-0' };
const at = '2026-01-02T03:04:05.000Z';
const output = { region: 'eu-west-1', name: 'eu-west-1-0', verified: 3, failed: 0 };
const bucket = (tokens: number) => ({ size: 50, refill: 5, tokens });
/** What a look at the captures hands on to the next one. */
const seen = (pending: number) => ({ pending });
const ready = { ready: true, waitSeconds: 0, bucket: bucket(50) };

/** Each look of a kind in turn, the last one again and again. */
const inTurn = (...looks: object[]) => {
  let next = 0;
  return () => looks[Math.min(next++, looks.length - 1)];
};

function working(way: 'burst' | 'one-by-one', more: Functions = {}): Functions {
  return {
    ReadBatchInput: () => ({
      batch,
      region: 'eu-west-1',
      capture: 'ami',
      way,
      groups: way === 'burst' ? 1 : 2,
      turn: at,
      bucket: bucket(50),
    }),
    SubmitCaptures: () => ready,
    KeepLaunches: () => ready,
    ListGroup: ({ group }) => ({ inputs: [{ instanceId: `i-${group}`, batch }] }),
    RecordGroup: () => ({ recorded: 1 }),
    MergeGroups: () => ({ captured: 2, failed: 0 }),
    CheckCaptures: () => ({ ...ready, seen: seen(0) }),
    VerifyCaptures: () => ({ verified: 3, failed: 0 }),
    MarkCaptures: () => ({ ...ready, next: 2 }),
    CloseBatch: () => output,
    AbandonCaptures: () => ({ abandoned: 3 }),
    ...more,
  };
}

const run = (functions: Functions) =>
  runMachine('batch-backup', functions, { ...batch, begins: at }, ['ami-backup']);
const story = ({ calls }: Outcome) => calls.map(({ name }) => name);
const eventsOf = ({ calls }: Outcome, of: string) =>
  calls.filter(({ name }) => name === of).map(({ event }) => event);

describe('batch-backup in bursts', () => {
  test('submits burst after burst, looks until nothing is pending, verifies, tags piece by piece, closes', async () => {
    const outcome = await run(
      working('burst', {
        SubmitCaptures: inTurn({ ready: false, waitSeconds: 5, bucket: bucket(0) }, ready),
        CheckCaptures: inTurn(
          { ready: false, waitSeconds: 57, seen: seen(3) },
          { ready: false, waitSeconds: 37, seen: seen(1) },
          { ready: true, waitSeconds: 37, seen: seen(0) },
        ),
        MarkCaptures: inTurn(
          { ready: false, waitSeconds: 10, next: 1, bucket: bucket(7) },
          { ...ready, next: 2 },
        ),
      }),
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output });
    expect(story(outcome)).toEqual([
      'ReadBatchInput',
      'SubmitCaptures',
      'SubmitCaptures',
      'KeepLaunches',
      'CheckCaptures',
      'CheckCaptures',
      'CheckCaptures',
      'VerifyCaptures',
      'MarkCaptures',
      'MarkCaptures',
      'CloseBatch',
    ]);
    expect(eventsOf(outcome, 'SubmitCaptures').map(({ bucket }) => bucket.tokens)).toEqual([50, 0]);
    expect(eventsOf(outcome, 'CheckCaptures').map(({ seen }) => seen.pending)).toEqual([0, 3, 1]);
    expect(eventsOf(outcome, 'SubmitCaptures').map(({ since }) => since)).toEqual([at, at]);
    expect(eventsOf(outcome, 'MarkCaptures')).toMatchObject([
      { batch, from: 0, since: expect.any(String), limitSeconds: 7200 },
      { batch, from: 1, bucket: bucket(7) },
    ]);
  });

  test.each(['Throttled', 'NotYetListed', 'Sandbox.Timedout'])(
    'tries a burst again after %s',
    async (error) => {
      let tries = 0;
      const SubmitCaptures = () => (++tries < 3 ? thrower(error)({}) : ready);
      const outcome = await run(working('burst', { SubmitCaptures }));
      expect([outcome.status, tries]).toEqual(['SUCCEEDED', 3]);
    },
  );

  test('a batch that is not there touches nothing', async () => {
    const outcome = await run(working('burst', { ReadBatchInput: thrower('NoSuchKey', 'no list') }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'NoSuchKey', cause: 'no list' });
    expect(story(outcome)).toEqual(['ReadBatchInput']);
  });

  test.each(['SubmitCaptures', 'KeepLaunches', 'CheckCaptures', 'VerifyCaptures'])(
    'when %s fails, what has begun is tagged as failed and the locks are given back',
    async (bad) => {
      const outcome = await run(working('burst', { [bad]: thrower('UnauthorizedOperation', 'not for you') }));
      expect(outcome).toMatchObject({
        status: 'FAILED',
        error: 'UnauthorizedOperation',
        cause: 'not for you',
      });
      expect(story(outcome).slice(-3)).toEqual(['AbandonCaptures', 'MarkCaptures', 'CloseBatch']);
      expect(eventsOf(outcome, 'AbandonCaptures')).toEqual([
        { batch, failure: { Error: 'UnauthorizedOperation', Cause: 'not for you' } },
      ]);
    },
  );

  test('tagging that failed half-way begins again from the first tag', async () => {
    let tries = 0;
    const MarkCaptures = () => {
      tries++;
      if (tries === 1) return { ready: false, waitSeconds: 1, next: 7, bucket: bucket(0) };
      return tries === 2 ? thrower('InvalidID')({}) : { ...ready, next: 9 };
    };
    const outcome = await run(working('burst', { MarkCaptures }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidID' });
    expect(eventsOf(outcome, 'MarkCaptures').map(({ from }) => from)).toEqual([0, 7, 0]);
    expect(story(outcome).at(-1)).toBe('CloseBatch');
  });

  test.each(['AbandonCaptures', 'MarkCaptures', 'CloseBatch'])(
    'the first error is told though %s fails after it',
    async (bad) => {
      const outcome = await run(
        working('burst', { VerifyCaptures: thrower('Boom', 'first'), [bad]: thrower('Other', 'second') }),
      );
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'first' });
      expect(story(outcome).at(-1)).toBe('CloseBatch');
    },
  );
});

describe('batch-backup one by one', () => {
  /** Of the two instances, i-0 is captured; i-1 is busy. */
  const instances: Functions = {
    ReadBackupInput: ({ input }) => ({
      runId: 'r',
      instanceId: input.instanceId,
      consistency: 'none',
      paths: [],
      nonce: 'n',
      freezeSeconds: 120,
      keep: true,
      batch,
    }),
    AcquireLock: ({ resource }) => (resource === 'i-1' ? thrower('ResourceBusy', 'i-1 is held')({}) : {}),
    ReleaseLock: () => ({ released: true }),
    DescribeTarget: () => ({ running: false, volumes: [] }),
    CaptureInstance: () => ({ pointId: 'ami-0', imageId: 'ami-0', ids: ['ami-0'], capturedAt: at }),
    JudgeConsistency: () => ({ asked: 'none', seen: 'crash' }),
  };

  test('what one instance fails with is its own outcome, written down beside those of others', async () => {
    const outcome = await run(working('one-by-one', instances));
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output });
    const outcomes = eventsOf(outcome, 'RecordGroup').sort((a, b) => a.group - b.group);
    expect(outcomes.map(({ outcomes: [one] }) => one)).toMatchObject([
      { instanceId: 'i-0', captured: { pointId: 'ami-0', ids: ['ami-0'], consistency: 'crash' } },
      { instanceId: 'i-1', failure: { Error: 'ResourceBusy', Cause: 'i-1 is held' } },
    ]);
    expect(eventsOf(outcome, 'MergeGroups')).toEqual([{ batch, groups: 2 }]);
    expect(story(outcome)).not.toContain('SubmitCaptures');
    expect(story(outcome).slice(-5)).toEqual([
      'KeepLaunches',
      'CheckCaptures',
      'VerifyCaptures',
      'MarkCaptures',
      'CloseBatch',
    ]);
  });

  test.each(['ListGroup', 'RecordGroup'])('%s that fails for one group cuts no other off', async (bad) => {
    const good = working('one-by-one')[bad];
    const forOne = (event: { group: number }) => (event.group === 0 ? thrower('Boom')({}) : good?.(event));
    const outcome = await run(working('one-by-one', { ...instances, [bad]: forOne }));
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output });
    expect(eventsOf(outcome, 'RecordGroup').map(({ group }) => group)).toContain(1);
  });

  test('groups that cannot be brought together end the batch, with all locks given back', async () => {
    const outcome = await run(
      working('one-by-one', { ...instances, MergeGroups: thrower('Boom', 'no list') }),
    );
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'no list' });
    expect(story(outcome).slice(-3)).toEqual(['AbandonCaptures', 'MarkCaptures', 'CloseBatch']);
  });
});
