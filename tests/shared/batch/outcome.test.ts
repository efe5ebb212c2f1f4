import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { captureItem, refusalOfAll } from '../../../shared/batch/captureItem.ts';
import { indexWrites, lockReleases, locksInDoubt } from '../../../shared/batch/closing.ts';
import { withOutcome } from '../../../shared/batch/groups.ts';
import { tagJobs } from '../../../shared/batch/tagJobs.ts';
import type { FleetReport } from '../../../shared/fleet.ts';
import { messageOf } from '../../../shared/fleetMessage.ts';
import { batchOf, config, item, later, NOW, volume } from './batches.ts';

const ID = 'i-00000000000000001';

describe('the capture of one instance', () => {
  const named = (name: string, message = 'words') => Object.assign(new Error(message), { name });
  /** Clients whose calls come to this. */
  const context = (refusals: { lock?: Error; capture?: Error }) => ({
    ec2: { send: async () => answer(refusals.capture, { ImageId: 'ami-1' }) } as unknown as EC2Client,
    dynamodb: { send: async () => answer(refusals.lock, {}) } as unknown as DynamoDBClient,
    config: { ...config, runsTable: 'runs' },
    now: () => NOW,
  });
  const answer = (refusal: Error | undefined, result: object) => {
    if (refusal) throw refusal;
    return result;
  };
  const captured = async (refusals: object, more = {}) =>
    await captureItem(batchOf([]), item(1, more), context(refusals));

  test('is captured under its lock', async () => {
    expect(await captured({})).toMatchObject({
      state: 'captured',
      pointId: 'ami-1',
      ids: ['ami-1'],
      lockedAt: later(0),
      capturedAt: later(0),
    });
  });

  test.each([
    ['SnapshotCreationPerVolumeRateExceeded', 15],
    ['ConcurrentSnapshotLimitExceeded', 300],
  ])('%s puts it off by %d seconds', async (name, seconds) => {
    expect(await captured({ capture: named(name) }, { tries: 2 })).toMatchObject({
      state: 'selected',
      tries: 3,
      notBefore: later(seconds),
    });
  });

  test('what EC2 puts off for the thirteenth time is a failed item that holds its lock', async () => {
    const refused = await captured({ capture: named('ConcurrentSnapshotLimitExceeded') }, { tries: 12 });
    expect(refused).toMatchObject({
      state: 'failed',
      reason: 'ConcurrentSnapshotLimitExceeded: words',
      lockedAt: later(0),
    });
  });

  test('one that is not there, or whose turn is another run’s, is a failed item', async () => {
    expect(await captured({ capture: named('InvalidInstanceID.NotFound') })).toMatchObject({
      state: 'failed',
      reason: 'InvalidInstanceID.NotFound: words',
    });
    const busy = await captured({ lock: named('ResourceBusy', 'held by run x') });
    expect(busy).toMatchObject({ state: 'failed', reason: 'held by run x' });
    expect(busy.lockedAt).toBeUndefined();
  });

  test('a request that EC2 has no token for is no fault of this one', async () => {
    const name = 'RequestLimitExceeded';
    await expect(captured({ capture: named(name) })).rejects.toMatchObject({ name });
  });

  test.each(['UnauthorizedOperation', 'OptInRequired', 'KMSAccessDenied'])(
    '%s is a failed item, and stands against all once 20 were refused so and none got through',
    async (name) => {
      const refused = await captured({ capture: named(name, 'not: for you') });
      expect(refused).toMatchObject({ state: 'failed', reason: `${name}: not: for you`, lockedAt: later(0) });
      const many = (count: number) => Array.from({ length: count }, () => refused);
      expect(refusalOfAll([...many(19), item(2)])).toBeUndefined();
      expect(refusalOfAll([...many(20), item(2)])).toMatchObject({ name, message: 'not: for you' });
      expect(
        refusalOfAll([...many(20), item(2, { state: 'captured', capturedAt: later(0) })]),
      ).toBeUndefined();
    },
  );

  test('refusals of other kinds never stand against all', () => {
    const reason = 'InvalidInstanceID.NotFound: gone';
    expect(
      refusalOfAll(Array.from({ length: 99 }, () => item(1, { state: 'failed', reason }))),
    ).toBeUndefined();
  });
});

describe('what a group tells', () => {
  test.each([
    ['nothing', undefined, { state: 'failed', failedLate: true, attemptedAt: later(0) }],
    [
      'a capture',
      {
        captured: { pointId: 'ami-1', ids: ['ami-1'], capturedAt: later(-9), consistency: 'frozen' as const },
      },
      { state: 'captured', pointId: 'ami-1', consistency: 'frozen', lockedAt: later(-9) },
    ],
    [
      'that it did not start again',
      { failure: { Error: 'InsufficientInstanceCapacity', Cause: 'START i-1 BY HAND' } },
      { state: 'failed', failedLate: true, reason: 'InsufficientInstanceCapacity: START i-1 BY HAND' },
    ],
    [
      'too little consistency',
      { failure: { Error: 'ConsistencyDowngraded', Cause: 'crash' } },
      { state: 'failed', failedLate: false },
    ],
  ])('%s', (_, outcome, wanted) => {
    expect(withOutcome(item(1), outcome && { instanceId: ID, ...outcome }, NOW)).toMatchObject(wanted);
  });
});

describe('the tags of a batch', () => {
  const done = (number: number, more = {}) =>
    item(number, {
      state: 'verified',
      point: 'verified',
      pointId: `ami-${number}`,
      ids: [`ami-${number}`, `snap-${number}`],
      capturedAt: later(0),
      snapshots: [
        {
          snapshotId: `snap-${number}`,
          volumeId: volume(0).volumeId,
          deviceName: '/dev/xvda',
          sizeGiB: 8,
          encrypted: false,
          startTime: later(5),
        },
      ],
      ...more,
    });

  test('are put on together where they are the same, points first', () => {
    const items = [
      done(1, { volumes: [volume(0, { Name: 'root', 'aws:x': 'y' })] }),
      done(2, { consistency: 'frozen' }),
      done(3),
      item(4, { state: 'failed', point: 'failed', ids: ['ami-4'] }),
      item(5, { state: 'failed' }),
    ];
    const marks = { markDone: { instance: { Last: '{image-id}' } }, copyTags: { volume: true } };
    expect(tagJobs(batchOf(items, marks), config)).toEqual([
      {
        ids: ['ami-1', 'snap-1', 'ami-3', 'snap-3'],
        tags: { 'backup-drill:status': 'verified', 'backup-drill:consistency': 'crash' },
        of: 'point',
      },
      {
        ids: ['ami-2', 'snap-2'],
        tags: { 'backup-drill:status': 'verified', 'backup-drill:consistency': 'frozen' },
        of: 'point',
      },
      { ids: ['ami-4'], tags: { 'backup-drill:status': 'failed' }, of: 'point' },
      { ids: ['i-00000000000000001'], tags: { Last: 'ami-1' }, of: 'policy' },
      { ids: ['snap-1'], tags: { Name: 'root' }, of: 'policy' },
      { ids: ['i-00000000000000002'], tags: { Last: 'ami-2' }, of: 'policy' },
      { ids: ['i-00000000000000003'], tags: { Last: 'ami-3' }, of: 'policy' },
    ]);
  });

  test('go 500 to a call', () => {
    const items = Array.from({ length: 1001 }, () =>
      item(1, { state: 'failed', point: 'failed', ids: ['ami-1'] }),
    );
    expect(tagJobs(batchOf(items), config).map(({ ids }) => ids.length)).toEqual([500, 500, 1]);
  });
});

describe('the end of a batch', () => {
  test('is a line of the index for each good point, also of an instance that did not come back', () => {
    const items = [
      item(1, {
        state: 'verified',
        point: 'verified',
        pointId: 'ami-1',
        capturedAt: later(0),
        consistency: 'stopped',
      }),
      item(2, { state: 'failed', point: 'verified', pointId: 'ami-2', capturedAt: later(1) }),
      item(3, { state: 'failed', point: 'failed', pointId: 'ami-3' }),
    ];
    const lines = indexWrites(batchOf(items)).map(({ PutRequest }) => unmarshall(PutRequest?.Item ?? {}));
    expect(lines).toMatchObject([
      {
        resource: ID,
        pointId: 'ami-1',
        imageId: 'ami-1',
        createdAt: later(0),
        consistency: { asked: 'none', seen: 'stopped' },
        fingerprintKey: `points/batches/run-1/eu-west-1-0.launches.json#${ID}`,
        policy: 'nightly',
        status: 'verified',
      },
      { resource: 'i-00000000000000002', pointId: 'ami-2', consistency: { asked: 'none', seen: 'crash' } },
    ]);
  });

  test('gives back the locks that are surely its own, and asks for those that may be', () => {
    const hour = 3600;
    const items = [
      item(1, { lockedAt: later(0) }),
      item(2, { lockedAt: later(-12 * hour + 301) }),
      item(3, { lockedAt: later(-12 * hour + 299) }), // it may be another's in five minutes
      item(4, { attemptedAt: later(0) }),
      item(5),
    ];
    const keys = lockReleases(batchOf(items), NOW).map(
      ({ DeleteRequest }) => unmarshall(DeleteRequest?.Key ?? {}).id,
    );
    expect(keys).toEqual(['lock#i-00000000000000001', 'lock#i-00000000000000002']);
    expect(locksInDoubt(batchOf(items))).toEqual(['i-00000000000000004']);
  });
});

describe('the message of a run', () => {
  const report = (failures: string[]): FleetReport => ({
    format: 'backup-drill fleet report 1',
    runId: 'run-1',
    policy: 'nightly',
    deployment: { name: 'backup-drill-dev', version: '1' },
    startedAt: later(0),
    finishedAt: later(1),
    status: failures.length === 0 ? 'complete' : 'incomplete',
    counts: { regions: 1, selected: 60, verified: 60 - failures.length, failed: failures.length },
    failures,
    warnings: [],
    missing: [],
    points: [],
    retention: {},
  });
  const place = { bucket: 'evidence', key: 'runs/run-1.json' };

  test('has the failures first, fifty of them', () => {
    const told = messageOf(report(Array.from({ length: 52 }, (_, at) => `i-${at}: gone`)), 'failures', place);
    expect(told?.subject).toBe('BACKUPS MISSING: nightly, 8 of 60 backed up');
    const lines = told?.text.split('\n') ?? [];
    expect(lines[0]).toBe('Policy nightly, run run-1: INCOMPLETE, 8 of 60 backed up in 1 Region.');
    expect([lines[2], lines[51], lines[52]]).toEqual(['i-0: gone', 'i-49: gone', 'and 2 more']);
    expect(lines.at(-1)).toBe('Report: s3://evidence/runs/run-1.json');
  });

  test('has warnings after the failures', () => {
    const warned = { ...report(['i-0: gone']), warnings: ['eu-west-1 i-1 could not be tagged: full'] };
    expect(messageOf(warned, 'failures', place)?.text.split('\n').slice(2, 5)).toEqual([
      'i-0: gone',
      '',
      'Warning: eu-west-1 i-1 could not be tagged: full',
    ]);
  });

  test('is sent as the policy says', () => {
    expect(messageOf(report([]), 'failures', place)).toBeUndefined();
    expect(messageOf(report(['x']), 'never', place)).toBeUndefined();
    expect(messageOf(report([]), 'always', place)).toEqual({
      subject: 'Backed up: nightly, 60 of 60 backed up',
      text: 'Policy nightly, run run-1: complete, 60 of 60 backed up in 1 Region.\n\nReport: s3://evidence/runs/run-1.json',
    });
  });
});
