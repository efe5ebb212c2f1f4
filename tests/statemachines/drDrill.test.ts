import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../local/account/service.ts';
import { thrower } from '../local/asl/world.ts';
import { type Functions, type Outcome, runMachine } from './machines.ts';

const at = '2026-01-02T03:05:00.000Z';
const looked = { ready: true, waitSeconds: 2, waitedFor: [], since: at, lookedAt: at };
const settings = {
  runId: 'r',
  executionArn: 'arn:execution',
  startedAt: at,
  consistency: 'reboot',
  endpoints: 'create',
  instanceType: 't4g.small',
  imageParameter: '/aws/service/image',
  paths: ['/srv', '/data1'],
  dataVolumes: [{ deviceName: '/dev/sdf', path: '/data1' }],
};
const manifest = { bucket: 'evidence', key: 'manifests/r/backup-i-1.gz' };
const comparison = { compared: 3, failures: [] };
const volume = { volumeId: 'vol-1', deviceName: '/dev/sdf' };

/** A drill of which everything goes well. */
function working(more: Functions = {}): Functions {
  return {
    ReadDrillInput: () => settings,
    AcquireLock: () => ({}),
    OpenEndpoints: () => ({ endpointIds: ['vpce-1'], created: 1, askedAt: at }),
    CheckIsolation: () => ({ looked: 4, subnetId: 'subnet-1' }),
    CheckEndpoints: () => looked,
    LaunchSource: () => ({ instanceId: 'i-1', accountId: '1', launchTime: at, launchedAt: at }),
    CheckOnline: () => looked,
    CheckInstance: () => looked,
    IdentifySource: () => ({ launchTime: '2026-01-02T04:00:00.000Z', volumes: [volume] }),
    SendCommand: ({ document, step }) => ({ commandId: `${document} ${step}`, sentAt: at }),
    CheckCommand: ({ commandId }) => ({ ...looked, result: { of: commandId } }),
    CompareManifests: () => comparison,
    // the nested backup and restore, as short as they can be
    ReadBackupInput: ({ input }) => ({ ...input, paths: [], nonce: 'n0', freezeSeconds: 9 }),
    DescribeTarget: () => ({ running: false, volumes: [volume], rootDeviceName: '/dev/xvda' }),
    SaveFingerprint: () => ({ key: 'f' }),
    CreateImage: () => ({ imageId: 'ami-1', askedAt: at }),
    CheckImage: () => looked,
    VerifyImage: () => ({ createdAt: at, snapshots: [{ snapshotId: 'snap-1' }] }),
    JudgeConsistency: ({ asked }) => ({ asked, seen: 'rebooted' }),
    MarkImage: () => ({ marked: [] }),
    RecordPoint: ({ recoveryPoint }) => ({ recoveryPoint: { ...recoveryPoint, manifest, nonce: 'n0' } }),
    ReadRestoreInput: ({ input }) => ({ ...input, point: {}, overrides: {}, online: true }),
    ChoosePoint: () => ({ imageId: 'ami-1', fingerprintKey: 'f' }),
    LaunchFromPoint: () => ({ instanceId: 'i-2', launchedAt: at }),
    CompareFingerprint: () => ({ volumes: [], fingerprint: { matches: true, differences: [] } }),
    TerminateSource: () => ({ instanceId: 'i-1', acceptedAt: at }),
    StoreManifest: () => ({ bucket: 'evidence', key: 'manifests/r/restored.gz' }),
    CleanUp: () => ({ ...looked, remaining: [], removed: 5 }),
    SweepLeftovers: () => ({ ...looked, leftovers: [], disagreements: [], ledger: 5 }),
    ReleaseLock: () => ({ released: true }),
    Judge: ({ failure }) => ({ verdict: failure ? 'INCONCLUSIVE' : 'PASS', checks: [], leftovers: [] }),
    WriteEvidence: () => ({ bucket: 'evidence', key: 'drills/r.json', sha256: 'ab' }),
    RecordRun: ({ result, evidence, failure }) => ({
      ...result,
      verdict: failure ? 'INCONCLUSIVE' : result.verdict,
      evidence,
    }),
    ...more,
  };
}

const run = (more: Functions = {}, input: unknown = {}) =>
  runMachine('dr-drill', working(more), input, ['run-command', 'ami-backup', 'restore']);
const names = ({ calls }: Outcome) => calls.map((call) => call.name);
const eventOf = ({ calls }: Outcome, name: string) => calls.findLast((call) => call.name === name)?.event;

describe('dr-drill', () => {
  test('drills with no input at all', async () => {
    const outcome = await run();
    expect([outcome.status, outcome.error, outcome.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    expect(outcome.output).toMatchObject({ verdict: 'PASS', evidence: { key: 'drills/r.json' } });
    expect(outcome.published).toEqual(['PASS: drill r']);
  });

  test('shows the judge everything that it has seen', async () => {
    const { facts, failure } = eventOf(await run(), 'Judge');
    expect(Object.keys(facts).sort()).toEqual(
      [
        'accepted',
        'cleanup',
        'comparison',
        'endpoints',
        'inspection',
        'isolation',
        'preBackup',
        'recoveryPoint',
        'restored',
        'seeded',
        'source',
        'sweep',
        'terminated',
        'volumes',
      ].sort(),
    );
    expect(failure).toBeUndefined();
  });

  test('seeds each data volume at its path, with the data that was given', async () => {
    const data = { bucket: 'staging', key: 'runs/r/data.tar' };
    const outcome = await run({ ReadDrillInput: () => ({ ...settings, data }) });
    const seed = outcome.calls.find(({ event }) => event.document === 'seed-data')?.event;
    expect(seed).toMatchObject({
      instanceId: 'i-1',
      parameters: { Volumes: 'vol-1=/data1', Paths: '/srv /data1' },
      download: data,
    });
  });

  test('restores so that its own cleanup may remove the copy, and nobody else has to', async () => {
    const outcome = await run();
    expect(eventOf(outcome, 'LaunchFromPoint')).toMatchObject({
      isolated: true,
      keep: false,
      tags: { 'backup-drill:terminate': 'allowed' },
    });
    expect(eventOf(outcome, 'CreateImage')).toMatchObject({ keep: false });
  });

  test('compares the copy with the manifest of the backup, and looks for its nonce', async () => {
    const outcome = await run();
    expect(eventOf(outcome, 'CompareManifests')).toEqual({
      expected: manifest,
      actual: { bucket: 'evidence', key: 'manifests/r/restored.gz' },
      nonce: { value: 'n0', paths: ['/srv', '/data1'] },
    });
  });

  test('a source that was stopped and started for its backup is known by its new launch time', async () => {
    const rebooted = await run();
    expect(eventOf(rebooted, 'TerminateSource').launchTime).toBe(at);
    const stopped = await run({ ReadDrillInput: () => ({ ...settings, consistency: 'stop' }) });
    expect(eventOf(stopped, 'TerminateSource').launchTime).toBe('2026-01-02T04:00:00.000Z');
  });

  test('waits for endpoints, cleanup and sweep as long as they take', async () => {
    let looks = 0;
    const thrice = (more: object) => () => ({ ...looked, ...more, ready: ++looks % 3 === 0 });
    const outcome = await run({
      CheckEndpoints: thrice({}),
      CleanUp: thrice({ remaining: [], removed: 0 }),
      SweepLeftovers: thrice({ leftovers: [], disagreements: [], ledger: 0 }),
    });
    expect(outcome.status).toBe('SUCCEEDED');
    expect(looks).toBe(9);
  });

  test('wrong input fails at once, with the key named, and touches nothing', async () => {
    const outcome = await run({ ReadDrillInput: thrower('InvalidInput', 'dr-drill: input.mode: no') });
    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'dr-drill: input.mode: no',
    });
    expect(names(outcome)).toEqual(['ReadDrillInput']);
  });

  test('a sandbox that another drill holds is left alone', async () => {
    const outcome = await run({ AcquireLock: thrower('ResourceBusy', 'sandbox is held by run x') });
    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'ResourceBusy',
      cause: 'sandbox is held by run x',
    });
    expect(names(outcome)).not.toContain('CleanUp');
  });

  test('a source that changes by itself is not terminated', async () => {
    const outcome = await run({
      CompareManifests: () => ({ compared: 3, changed: 1, failures: ['./srv/x: changed'] }),
      Judge: () => ({
        verdict: 'FAILED',
        checks: [
          { name: 'preBackup', ran: true, passed: false, failures: ['./srv/x: changed'] },
          { name: 'manifest', ran: false, passed: false, summary: 'could not be made', failures: [] },
        ],
        leftovers: [],
      }),
    });
    expect(outcome.status).toBe('FAILED');
    expect(outcome.error).toBe('DrillFailed');
    expect(outcome.cause).toBe('FAILED: preBackup: ./srv/x: changed; manifest: could not be made');
    expect(names(outcome)).not.toContain('CreateImage');
    expect(names(outcome)).not.toContain('TerminateSource');
    expect(outcome.published).toEqual(['FAILED: drill r']);
  });

  describe.each([
    'OpenEndpoints',
    'CheckIsolation',
    'CheckEndpoints',
    'LaunchSource',
    'CheckOnline',
    'CheckInstance',
    'IdentifySource',
    'SendCommand',
    'CheckCommand',
    'CompareManifests',
    'CreateImage',
    'VerifyImage',
    'TerminateSource',
    'LaunchFromPoint',
    'CompareFingerprint',
    'StoreManifest',
  ])('when %s fails', (name) => {
    test('cleans up, sweeps, writes evidence and the record, tells, and fails with that error', async () => {
      const outcome = await run({ [name]: thrower('CommandFailed', 'it broke') });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'CommandFailed' });
      expect(outcome.cause).toContain('it broke');
      expect(eventOf(outcome, 'Judge').failure.Error).toBe('CommandFailed');
      expect(names(outcome).slice(-6)).toEqual([
        'CleanUp',
        'SweepLeftovers',
        'ReleaseLock',
        'Judge',
        'WriteEvidence',
        'RecordRun',
      ]);
      expect(outcome.published).toEqual(['INCONCLUSIVE: drill r']);
    });
  });

  test.each(['CleanUp', 'SweepLeftovers', 'ReleaseLock', 'Judge', 'WriteEvidence', 'RecordRun'])(
    'a drill in which everything passes but %s fails is a failure',
    async (name) => {
      const outcome = await run({ [name]: thrower('Broken', `${name} broke`) });
      expect(outcome).toMatchObject({ status: 'FAILED', error: 'Broken', cause: `${name} broke` });
      expect(names(outcome)).toContain('RecordRun');
    },
  );

  test('the first error is the one that is told', async () => {
    const outcome = await run({
      TerminateSource: thrower('InterlockRefused', 'i-1 is not terminated'),
      CleanUp: thrower('Broken', 'and no cleanup'),
      WriteEvidence: thrower('Broken', 'and no evidence'),
    });
    expect(outcome).toMatchObject({ error: 'InterlockRefused', cause: 'i-1 is not terminated' });
    expect(eventOf(outcome, 'RecordRun')).not.toHaveProperty('evidence');
  });

  test('a message that cannot be sent fails the drill, but is recorded', async () => {
    const outcome = await runMachine('dr-drill', working(), {}, ['run-command', 'ami-backup', 'restore'], {
      publish: () => {
        throw new AwsError('AuthorizationError', 'may not publish', 403);
      },
    });
    expect(outcome.status).toBe('FAILED');
    expect(eventOf(outcome, 'RecordRun').failure.Cause).toContain('may not publish');
  });
});
