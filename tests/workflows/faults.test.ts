import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalOptions } from '../../local/local.ts';
import { type MachineId, PackagedWorld, type Run } from '../contracts/permissionsWorld.ts';
import { inFull } from '../requires.ts';
import { failState, isActive, type Kind, tasksOf } from './stateFaults.ts';

const FILES = { DrDrill: 'dr-drill', AmiBackup: 'ami-backup', Restore: 'restore' } as const;

const TASKS = {
  DrDrill: tasksOf(FILES.DrDrill),
  AmiBackup: tasksOf(FILES.AmiBackup),
  Restore: tasksOf(FILES.Restore),
};

const FULL = process.env.TEST_FULL === '1';
/** In `npm test` only these; the whole sweep takes minutes. */
const FEW: Record<keyof typeof FILES, string[]> = {
  DrDrill: ['LockSandbox', 'OpenEndpoints', 'CleanUp'],
  AmiBackup: ['LockInstance', 'StopInstance', 'CreateImage', 'StartAfterFailure'],
  Restore: ['ChoosePoint', 'CheckStatus'],
};
/** States that these runs never enter, and where they are shown. */
const ELSEWHERE = new Set([
  'ReleaseUnsureSandbox', // only after a lock whose taking failed: tests/statemachines/locks.test.ts
  // only with documents of an application: fleetDocuments.test.ts
  'PrepareApplication',
  'ResumeApplication',
  'ResumeAfterStart',
  'ResumeAfterFailure',
  'CaptureInstance', // only in a batch: batchBackup.test.ts, fleetFaults.test.ts
]);
const chosen = (machine: keyof typeof FILES) =>
  Object.keys(TASKS[machine])
    .filter((name) => !ELSEWHERE.has(name))
    .filter((name) => FULL || FEW[machine].includes(name));

let world: PackagedWorld;
let source: { instanceId: string; paths: string[] } | undefined;
let disks: LocalOptions['disks'];

/** The world of all groups, or a new one where a group wants other disks. */
async function enter(wanted: LocalOptions['disks']): Promise<void> {
  if (world && wanted === disks) return;
  await world?.close();
  source = undefined;
  disks = wanted;
  world = await PackagedWorld.start(wanted ? { disks: wanted } : {});
}
afterAll(async () => await world.close());

/** The instance that is backed up, launched once in a world. */
async function sourceHere() {
  source ??= await world.source();
  return source;
}

/** The calls behind a state of an execution, while that state is active, fail; what the state's error is then. */
function fault(machine: keyof typeof FILES, arn: () => string, state: string, kind: Kind, times?: number) {
  const { local } = world;
  const active = () => arn() !== '' && isActive(local, arn(), state);
  return failState(local, [state, TASKS[machine][state] ?? { Type: 'Task' }], kind, active, times);
}

/** Runs a machine with failures behind some of its states. @returns the run, and the first state's error */
async function runFailing(
  machine: keyof typeof FILES & MachineId,
  input: object,
  states: string[],
  kind: Kind,
  times?: number,
): Promise<Run & { expected: string | undefined }> {
  let arn = '';
  const errors = states.map((state) => fault(machine, () => arn, state, kind, times));
  try {
    const begun = await world.begin(machine, input);
    arn = begun.arn;
    return { ...(await world.end(begun.arn, begun.runId)), expected: errors[0] };
  } finally {
    world.local.account.faults.clear();
  }
}

const kinds = (state: string): Kind[] =>
  // Repeating depends on the kind of integration, not on the state: half of the states are enough.
  FULL && state.length % 2 === 0 ? ['terminal', 'repeated'] : ['terminal'];
const cases = (machine: keyof typeof FILES) =>
  chosen(machine).flatMap((state) => kinds(state).map((kind) => ({ state, kind })));

describe('a drill of which one state fails', () => {
  beforeAll(() => enter(undefined), 120_000);

  /** States before anything was made, and those that leave no evidence when they fail. */
  const REFUSING = ['ReadInput', 'LockSandbox'];

  test.each(cases('DrDrill'))(
    '$state ($kind)',
    async ({ state, kind }) => {
      const consistency = state === 'IdentifyRestartedSource' ? 'stop' : 'none';
      const run = await runFailing('DrDrill', { consistency }, [state], kind);
      expect(run).toMatchObject({ status: 'FAILED', error: run.expected });
      expect(run.cause).toContain(`arranged for ${state}`);
      const left = await world.leftBehind(run.runId);
      if (state === 'CleanUp') {
        expect(left.length).toBeGreaterThan(0);
        for (const id of left.filter((one) => !one.startsWith('runs/'))) expect(run.cause).toContain(id);
      } else if (state === 'ReleaseSandbox') expect(left).toEqual(['lock#sandbox']);
      else expect(left).toEqual([]);
      if (REFUSING.includes(state)) expect(run.entered.at(-1)).toBe('DrillRefused');
      else {
        for (const always of [
          'CleanUp',
          'SweepLeftovers',
          'ReleaseSandbox',
          'Judge',
          'WriteEvidence',
          'Notify',
          'RecordRun',
        ])
          expect(run.entered).toContain(always);
        const evidence = world.bucket('EvidenceBucket').keys('drills/');
        expect(evidence.some((key) => key.includes(run.runId))).toBe(state !== 'WriteEvidence');
      }
      await world.tidy(run.runId);
      expect(await world.leftBehind(run.runId)).toEqual([]);
    },
    120_000,
  );

  inFull(
    'a function that is throttled twice is called a third time',
    async () => {
      const run = await runFailing('DrDrill', { consistency: 'none' }, ['OpenEndpoints'], 'repeated', 2);
      expect(run.output.verdict).toBe('PASS');
      expect(await world.leftBehind(run.runId)).toEqual([]);
    },
    120_000,
  );
});

describe('a backup of which one state fails', () => {
  // Only file systems on devices of their own can be frozen.
  const canFreeze = process.getuid?.() === 0;
  const FREEZING = ['FreezeMounts', 'ReadFrozenManifest', 'ThawMounts', 'ThawAfterFailure'];
  const STOPPING = [
    'CheckStartRights',
    'StopInstance',
    'CheckStopped',
    'CheckSnapshotsStarted',
    'StartInstance',
  ];

  beforeAll(async () => {
    await enter(FULL && canFreeze ? 'loop' : undefined);
    await sourceHere();
  }, 120_000);

  /** What must fail first for a state after a failure to be entered. */
  const BEFORE: Record<string, string> = {
    ThawAfterFailure: 'CreateImage',
    StartAfterFailure: 'CreateImage',
    MarkFailedImage: 'CheckImage',
    ReleaseLockAfterFailure: 'CheckImage',
  };
  const consistencyFor = (state: string) => {
    if (FREEZING.includes(state)) return 'freeze';
    return [...STOPPING, 'StartAfterFailure'].includes(state) ? 'stop' : 'reboot';
  };

  const possible = cases('AmiBackup').filter(({ state }) => canFreeze || !FREEZING.includes(state));
  test.each(possible)(
    '$state ($kind)',
    async ({ state, kind }) => {
      const { instanceId, paths } = await sourceHere();
      const first = BEFORE[state];
      const input = { instanceId, consistency: consistencyFor(state), validate: { paths }, keep: false };
      const run = await runFailing('AmiBackup', input, [...(first ? [first] : []), state], kind);
      expect(run.entered).toContain(state);
      if (state === 'ReleaseLock') expect(run.status).toBe('SUCCEEDED');
      else expect(run).toMatchObject({ status: 'FAILED', error: run.expected });
      if (state === 'StartAfterFailure') {
        expect(run.cause).toContain(`START ${instanceId} BY HAND`);
        await world.call('ec2', 'StartInstances', { InstanceIds: [instanceId] });
      }
      if (state === 'MarkFailedImage') expect(run.cause).toContain('is not marked');
      expect(await world.locks(run.runId)).toEqual(
        state.startsWith('ReleaseLock') ? [`lock#${instanceId}`] : [],
      );
      const since = new Date(world.local.account.clock.now()).toISOString();
      await world.until('CheckInstance', { instanceId, wanted: 'status-ok', since, limitSeconds: 3600 });
      await world.until('CheckOnline', { instanceId, since, limitSeconds: 3600 });
      if (state === 'ThawAfterFailure') await world.local.account.clock.sleep(150_000); // the host's own timer
      const path = `${paths[0]}/written`;
      const wrote = await world.local.host.run(
        instanceId,
        `timeout 5 touch ${path}`,
        {},
        { canReachS3: false },
      );
      expect(wrote.exitCode).toBe(0);
      await world.local.account.clock.sleep(900_000); // an image that was begun cannot go before it is done
      const { Images } = await world.call('ec2', 'DescribeImages', {
        Filters: [{ Name: 'tag:backup-drill:run', Values: [run.runId] }],
      });
      const marks = Images.flatMap((image: { Tags: { Key: string; Value: string }[] }) =>
        image.Tags.filter(({ Key }) => Key === 'backup-drill:status').map(({ Value }) => Value),
      );
      if (state !== 'MarkFailedImage') expect(marks).not.toContain('pending');
      await world.tidy(run.runId);
      expect(await world.leftBehind(run.runId)).toEqual([]);
    },
    120_000,
  );
});

describe('a restore of which one state fails', () => {
  let imageId: string;

  beforeAll(async () => {
    await enter(undefined);
    const { instanceId } = await sourceHere();
    const { output } = await world.run('AmiBackup', { instanceId, consistency: 'none' });
    imageId = output.recoveryPoint.imageId;
  }, 120_000);

  const BEFORE_LAUNCH = ['ReadInput', 'ChoosePoint', 'CheckIsolation', 'LaunchInstance'];

  test.each(cases('Restore'))(
    '$state ($kind)',
    async ({ state, kind }) => {
      const tags = { 'backup-drill:terminate': 'allowed' };
      const run = await runFailing('Restore', { imageId, keep: false, tags }, [state], kind);
      expect(run).toMatchObject({ status: 'FAILED', error: run.expected });
      expect(run.cause).toContain(`arranged for ${state}`);
      const left = await world.leftBehind(run.runId);
      const launched = left.find((id) => id.startsWith('i-'));
      expect(launched !== undefined).toBe(!BEFORE_LAUNCH.includes(state));
      if (launched) expect(run.cause).toContain(`(instance ${launched} was launched)`);
      else expect(left).toEqual([]);
      await world.tidy(run.runId);
      expect(await world.leftBehind(run.runId)).toEqual([]);
    },
    120_000,
  );
});
