import { describe, expect, test } from '@jest/globals';
import { thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

const settings = {
  runId: 'r',
  instanceId: 'i-1',
  consistency: 'reboot',
  paths: ['/data'],
  freezeSeconds: 120,
  keep: true,
  nonce: 'n0',
};
const looked = { ready: true, waitSeconds: 2, lookedAt: '2026-01-02T03:05:00.000Z' };
const askedAt = '2026-01-02T03:04:30.000Z';
const snapshot = { snapshotId: 'snap-1', volumeId: 'vol-1' };
const manifest = { bucket: 'evidence', key: 'points/m', sha256: 'ab', entries: 3 };

/** An instance that does what it should; its boot id follows the reboot. */
function working(consistency = 'reboot', more: object = {}): Functions {
  const results: Record<string, object> = {
    freeze: { frozen: ['/data'], synced: [] },
    thaw: { timerFired: false },
  };
  return {
    ReadBackupInput: () => ({ ...settings, consistency, ...more }),
    AcquireLock: () => ({}),
    DescribeTarget: () => ({
      instanceId: 'i-1',
      running: true,
      managed: true,
      rootDeviceName: '/dev/xvda',
      volumes: [{ volumeId: 'vol-1', deviceName: '/dev/xvda', sizeGiB: 8, encrypted: true }],
    }),
    SaveFingerprint: () => ({ bucket: 'evidence', key: 'points/f' }),
    SendCommand: ({ step, document }) => ({ commandId: `${step}:${document}`, sentAt: askedAt }),
    CheckCommand: ({ commandId }) => {
      const [step = '', document = ''] = commandId.split(':');
      return { ...looked, result: results[document] ?? { bootId: step } };
    },
    StartInstance: () => ({ askedAt }),
    StopInstance: () => ({ askedAt }),
    CheckInstance: () => looked,
    CheckOnline: () => looked,
    CreateImage: () => ({ imageId: 'ami-1', name: 'name', askedAt }),
    CheckSnapshotsStarted: () => looked,
    CheckImage: () => looked,
    VerifyImage: () => ({ createdAt: askedAt, snapshots: [snapshot] }),
    JudgeConsistency: ({ asked }) => ({ asked, seen: 'rebooted' }),
    StoreManifest: () => manifest,
    MarkImage: () => ({ marked: [] }),
    RecordPoint: ({ recoveryPoint }) => ({ recoveryPoint }),
    ReleaseLock: () => ({ released: true }),
  };
}

const run = (functions: Functions) =>
  runMachine('ami-backup', functions, { instanceId: 'i-1' }, ['run-command']);

/** The calls as one line each, with what tells them apart; looks at commands are left out. */
function story({ calls }: Outcome): string[] {
  return calls
    .filter(({ name }) => name !== 'CheckCommand')
    .map(({ name, event }) =>
      [name, event.document ?? event.wanted ?? event.status, event.dryRun && 'dry'].filter(Boolean).join(' '),
    );
}
const eventOf = ({ calls }: Outcome, name: string) => calls.findLast((call) => call.name === name)?.event;

describe('ami-backup', () => {
  test('reboots, and has the boot id read before and after', async () => {
    const outcome = await run(working());
    expect(outcome.status).toBe('SUCCEEDED');
    expect(story(outcome)).toEqual([
      'ReadBackupInput',
      'AcquireLock',
      'DescribeTarget',
      'SaveFingerprint',
      'SendCommand inspect-instance',
      'SendCommand read-manifest',
      'CreateImage',
      'CheckImage',
      'VerifyImage',
      'CheckInstance status-ok',
      'CheckOnline',
      'SendCommand inspect-instance',
      'JudgeConsistency',
      'StoreManifest',
      'MarkImage verified',
      'RecordPoint',
      'ReleaseLock',
    ]);
    expect(eventOf(outcome, 'JudgeConsistency')).toEqual({
      asked: 'reboot',
      stopped: false,
      bootIdBefore: 'backup-inspect',
      bootIdAfter: 'backup-proof',
      frozen: [],
    });
    expect(outcome.output).toEqual({
      recoveryPoint: {
        imageId: 'ami-1',
        resource: 'i-1',
        createdAt: askedAt,
        consistency: { asked: 'reboot', seen: 'rebooted' },
        snapshots: [snapshot],
        fingerprintKey: 'points/f',
        nonce: 'n0',
        manifest,
      },
    });
  });

  test('stops only after the right to start was proven, and starts as soon as the snapshots have begun', async () => {
    const outcome = await run(working('stop', { paths: [] }));
    expect(outcome.status).toBe('SUCCEEDED');
    expect(story(outcome).slice(4, -4)).toEqual([
      'StartInstance dry',
      'StopInstance',
      'CheckInstance stopped',
      'CreateImage',
      'CheckSnapshotsStarted',
      'StartInstance',
      'CheckImage',
      'VerifyImage',
      'CheckInstance status-ok',
      'CheckOnline',
    ]);
    expect(eventOf(outcome, 'JudgeConsistency')).toMatchObject({ asked: 'stop', stopped: true });
    expect(outcome.output.recoveryPoint.nonce).toBeUndefined();
  });

  test('an instance that is stopped already is not started', async () => {
    const functions = working('stop', { paths: [] });
    const target = functions.DescribeTarget?.({});
    const outcome = await run({
      ...functions,
      DescribeTarget: () => Object.assign({}, target, { running: false }),
    });
    expect(outcome.status).toBe('SUCCEEDED');
    expect(story(outcome).filter((line) => /Start|Stop/.test(line))).toEqual([]);
    expect(eventOf(outcome, 'JudgeConsistency')).toMatchObject({ stopped: true });
  });

  test('reads the manifest that counts while frozen, and thaws when every snapshot has begun', async () => {
    let looks = 0;
    const outcome = await run({
      ...working('freeze'),
      CheckSnapshotsStarted: () => ({ ...looked, ready: ++looks === 3 }),
    });
    expect(outcome.status).toBe('SUCCEEDED');
    expect(story(outcome).slice(4, 13)).toEqual([
      'SendCommand inspect-instance',
      'SendCommand read-manifest',
      'SendCommand freeze',
      'SendCommand read-manifest',
      'CreateImage',
      ...Array(3).fill('CheckSnapshotsStarted'),
      'SendCommand thaw',
    ]);
    expect(eventOf(outcome, 'StoreManifest').source.key).toBe('runs/r/i-1/frozen.manifest.gz');
    expect(eventOf(outcome, 'JudgeConsistency')).toMatchObject({ frozen: ['/data'], timerFired: false });
  });

  test('without consistency and paths never enters the instance', async () => {
    const outcome = await run(working('none', { paths: [] }));
    expect(outcome.status).toBe('SUCCEEDED');
    expect(story(outcome).slice(4, -4)).toEqual(['CreateImage', 'CheckImage', 'VerifyImage']);
  });

  test('a busy instance is left alone', async () => {
    const outcome = await run({ ...working(), AcquireLock: thrower('ResourceBusy', 'held') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'ResourceBusy', cause: 'held' });
    expect(story(outcome)).toEqual(['ReadBackupInput', 'AcquireLock', 'ReleaseLock']);
  });

  test.each([
    'DescribeTarget',
    'SaveFingerprint',
    'SendCommand',
    'CreateImage',
    'CheckImage',
    'VerifyImage',
    'CheckInstance',
    'CheckOnline',
    'JudgeConsistency',
    'StoreManifest',
    'MarkImage',
    'RecordPoint',
  ])('when %s fails the lock is released, and the backup fails by that name', async (bad) => {
    const outcome = await run({ ...working(), [bad]: thrower('ResourceFailed', 'broken') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'ResourceFailed' });
    expect(outcome.cause).toContain('broken');
    expect(story(outcome).at(-1)).toBe('ReleaseLock');
  });

  test.each(['StopInstance', 'CreateImage', 'CheckSnapshotsStarted'])(
    'a stopped instance is started again when %s fails, however often that takes',
    async (bad) => {
      let starts = 0;
      const outcome = await run({
        ...working('stop', { paths: [] }),
        [bad]: thrower('ResourceFailed', 'broken'),
        StartInstance: ({ dryRun }) => (dryRun || ++starts > 3 ? {} : thrower('IncorrectInstanceState')({})),
      });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'ResourceFailed', cause: 'broken' });
      expect(starts).toBe(4);
      expect(story(outcome).at(-1)).toBe('ReleaseLock');
    },
  );

  test('an instance that cannot be started again is named in the cause', async () => {
    const outcome = await run({
      ...working('stop', { paths: [] }),
      StartInstance: ({ dryRun }) => (dryRun ? {} : thrower('InsufficientInstanceCapacity')({})),
    });
    expect(outcome.error).toBe('InsufficientInstanceCapacity');
    expect(outcome.cause).toContain('START i-1 BY HAND');
    expect(story(outcome).at(-1)).toBe('ReleaseLock');
  });

  test.each(['CreateImage', 'CheckSnapshotsStarted'])(
    'what is frozen is thawed when %s fails',
    async (bad) => {
      const outcome = await run({ ...working('freeze'), [bad]: thrower('ResourceFailed', 'broken') });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'ResourceFailed', cause: 'broken' });
      expect(story(outcome)).toContain('SendCommand thaw');
      expect(story(outcome).at(-1)).toBe('ReleaseLock');
    },
  );

  test('a command that fails gives its own error, through the nested execution', async () => {
    const functions = working();
    const failing: Functions = {
      ...functions,
      CheckCommand: (event) =>
        event.step === 'backup-manifest'
          ? thrower('CommandFailed', 'backup-manifest: Failed: no space')({})
          : functions.CheckCommand?.(event),
    };
    expect(await run(failing)).toMatchObject({
      status: 'FAILED',
      error: 'CommandFailed',
      cause: 'backup-manifest: Failed: no space',
    });
  });

  test('an image of too little is marked as failed; one of a whole instance that did not come back is kept', async () => {
    const little = await run({ ...working(), VerifyImage: thrower('PointNotVerified') });
    expect(eventOf(little, 'MarkImage')).toEqual({ imageId: 'ami-1', status: 'failed' });
    const lower = await run({ ...working(), JudgeConsistency: thrower('ConsistencyDowngraded') });
    expect(eventOf(lower, 'MarkImage')).toEqual({ imageId: 'ami-1', status: 'failed' });
    const gone = await run({ ...working(), CheckInstance: thrower('ResourceFailed') });
    expect(eventOf(gone, 'MarkImage')).toEqual({
      imageId: 'ami-1',
      status: 'verified',
      consistency: 'crash',
      createdAt: askedAt,
    });
  });
});
