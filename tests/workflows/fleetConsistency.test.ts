import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withLoopDevices } from '../requires.ts';
import { type FleetRun, havePolicy, pointsOf, runPolicy } from './fleet.ts';
import { failState, tasksOf } from './stateFaults.ts';
import { userInstance } from './userInstance.ts';
import { World } from './world.ts';

/** What is captured in `npm test`; images only in the whole suite. */
const CAPTURES = process.env.TEST_FULL === '1' ? ['snapshots', 'ami'] : ['snapshots'];
const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine

/**
 * An application that always writes: a numbered record with its checksum to `log`, which reaches the disk when the
 * kernel likes, and then, for good, to `head` how many records there are. Its promise is that no record which `head`
 * counts is missing or torn.
 */
const WRITER = `
cd "$0"
for ((n = 1; ; n++)); do
  record="$n $(printf '%s' "$n" | cksum | tr ' ' -)"
  printf '%s\\n' "$record" >> log
  printf '%08d' "$n" | dd of=head conv=notrunc,fsync status=none
  sleep 0.3
done`;

withLoopDevices('an ext4 file system under constant writes', () => {
  let world: World;
  let instanceId: string;
  let volumeId: string;
  let data: string;
  let writer: ChildProcess;
  const copies = mkdtempSync(join(tmpdir(), 'backup-drill-fsck-'));

  beforeAll(async () => {
    world = await World.start({ disks: 'loop' });
    instanceId = (await userInstance(world)).instanceId;
    const { BlockDeviceMappings, RootDeviceName } = await world.instance(instanceId);
    const volumeOf = (device: string) =>
      BlockDeviceMappings.find((one: { DeviceName: string }) => one.DeviceName === device).Ebs.VolumeId;
    volumeId = volumeOf('/dev/sdf');
    data = join(stored('volumes', volumeOf(RootDeviceName)), volumeOf(RootDeviceName), 'tree', 'data1');
    const inside = ['nsenter', `--target=${pidWithin(data)}`, '--mount'];
    execFileSync(inside[0] ?? '', [
      ...inside.slice(1),
      'bash',
      '-c',
      'cd "$0" && : > log && printf %08d 0 > head && sync -f .',
      data,
    ]);
    writer = spawn(inside[0] ?? '', [...inside.slice(1), 'bash', '-c', WRITER, data], { stdio: 'ignore' });
    for (const capture of ['snapshots', 'ami'])
      for (const consistency of ['none', 'freeze'])
        havePolicy(world, `${consistency}-${capture}`, {
          capture,
          consistency,
          select: { ids: [instanceId] },
        });
  }, 2 * MINUTE);
  afterAll(async () => {
    writer?.kill('SIGKILL');
    await world.close();
    rmSync(copies, { recursive: true, force: true });
  });

  /** Where a volume or a snapshot lies on this machine. */
  function stored(part: 'volumes' | 'snapshots', id: string): string {
    const directory = join(world.local.account.directory, 'host', part);
    const name = readdirSync(directory).find((one) => one.startsWith(`${id}-`));
    return join(directory, name ?? 'none');
  }

  async function head(): Promise<number> {
    return Number(await world.shell(instanceId, 'cat /data1/head'));
  }

  /** Until the application has written something. @throws Error when it stands still */
  async function goesOn(): Promise<void> {
    const from = await head();
    for (let looks = 0; looks < 100; looks++) {
      if ((await head()) > from) return;
      await new Promise((resolve) => setTimeout(resolve, 100)); // the writer lives in real time
    }
    throw new Error(`nothing was written after record ${from}`);
  }

  /** What a copy of the data volume's snapshot of a run says: of itself, and to the application's own check. */
  async function inspect({ runId }: FleetRun) {
    const Filters = [
      { Name: 'tag:backup-drill:run', Values: [runId] },
      { Name: 'volume-id', Values: [volumeId] },
    ];
    const { Snapshots } = await world.call('ec2', 'DescribeSnapshots', { Filters });
    expect(Snapshots).toHaveLength(1);
    const copy = join(copies, Snapshots[0].SnapshotId);
    copyFileSync(join(stored('snapshots', Snapshots[0].SnapshotId), 'image'), copy);
    const superblock = execFileSync('dumpe2fs', ['-h', copy], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
    const check = spawnSync('e2fsck', ['-f', '-n', copy], { encoding: 'utf8' });
    spawnSync('e2fsck', ['-f', '-y', copy]); // replays the journal, as a mount does
    const file = (name: string) =>
      execFileSync('debugfs', ['-R', `cat /${name}`, copy], { stdio: ['ignore', 'pipe', 'ignore'] });
    const counted = Number(file('head').toString());
    return {
      needsRecovery: superblock.includes('needs_recovery'),
      /** `fsck -n` tells of a journal that it may not replay. */
      fsck: /skipping journal recovery/.test(check.stdout + check.stderr)
        ? 'journal'
        : `exit ${check.status}`,
      application: faultOf(counted, file('log').toString()),
      counted,
    };
  }

  test.each(CAPTURES)(
    '%s, none: the journal has to be replayed, and the application misses what it had counted',
    async (capture) => {
      await goesOn();
      const run = await runPolicy(world, `none-${capture}`);
      expect(run.report.points).toMatchObject([{ instanceId, consistency: 'crash' }]);
      const seen = await inspect(run);
      expect(seen.counted).toBeGreaterThan(0);
      expect(seen).toMatchObject({
        needsRecovery: true,
        fsck: 'journal',
        application: expect.stringMatching(/^record \d+ of \d+ is/),
      });
      await goesOn();
    },
    MINUTE,
  );

  test.each(CAPTURES)(
    '%s, freeze: nothing is to be replayed, every check passes, and the writes go on',
    async (capture) => {
      await goesOn();
      const run = await runPolicy(world, `freeze-${capture}`);
      expect(run.report.failures).toEqual([]);
      expect(run.report.points).toMatchObject([{ instanceId, consistency: 'frozen' }]);
      const seen = await inspect(run);
      expect(seen.counted).toBeGreaterThan(0);
      expect(seen).toMatchObject({ needsRecovery: false, fsck: 'exit 0', application: 'sound' });
      await goesOn();
    },
    MINUTE,
  );

  test(
    "when the release never comes, the host's own timer thaws, and the point is called what it is",
    async () => {
      const tasks = tasksOf('ami-backup');
      for (const state of ['ThawMounts', 'ThawAfterFailure'])
        failState(world.local, [state, tasks[state] ?? { Type: 'Task' }], 'terminal', () => true);
      const run = await runPolicy(world, 'freeze-snapshots');
      world.local.account.faults.clear();
      const [line = ''] = run.report.failures;
      expect(line).toContain(
        `eu-west-1 ${instanceId}: StepFunctions.InvalidNameException: arranged for ThawMounts`,
      );
      expect(line).toContain('not thawed: the timer of the host does it');
      await world.pass(150);
      await goesOn();
      const points = await pointsOf(world, run.runId, 'snapshots');
      expect(points.map(({ status, consistency }) => [status, consistency])).toEqual(
        Array(3).fill(['verified', 'crash']),
      );
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test.each([
    ['none', 'SUCCEEDED', 'verified'],
    [undefined, 'FAILED', 'failed'],
  ])(
    'when the timer was first, fallback %s: %s, and the point is tagged %s',
    async (fallback, status, tagged) => {
      const { physics } = world.local.account;
      const { snapshotStarted } = physics;
      physics.snapshotStarted = [60, 70];
      const more = { consistency: 'freeze', freezeSeconds: 30, ...(fallback && { fallback }) };
      havePolicy(world, 'late', { ...more, select: { ids: [instanceId] } });
      const run = await runPolicy(world, 'late');
      physics.snapshotStarted = snapshotStarted;
      expect(run.status).toBe(status);
      if (!fallback)
        expect(run.report.failures[0]).toContain(`${instanceId}: ConsistencyDowngraded: asked for freeze`);
      const [point] = await pointsOf(world, run.runId);
      expect(point).toMatchObject({ status: tagged, ...(fallback && { consistency: 'crash' }) });
      await goesOn();
    },
    MINUTE,
  );
});

/** The application's own check of what it finds. */
function faultOf(counted: number, log: string): string {
  const records = log.split('\n');
  for (let n = 1; n <= counted; n++) {
    const record = records[n - 1] ?? '';
    const sum = execFileSync('cksum', { input: String(n) })
      .toString()
      .trim()
      .replaceAll(' ', '-');
    if (record !== `${n} ${sum}`) return `record ${n} of ${counted} is ${record === '' ? 'missing' : 'torn'}`;
  }
  return 'sound';
}

/** A process in whose mount namespace a directory of an instance is a mount of its own. */
function pidWithin(directory: string): string {
  const own = readlinkSync('/proc/self/ns/mnt');
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/ns/mnt`)) return false;
    try {
      if (readlinkSync(`/proc/${pid}/ns/mnt`) === own) return false;
      return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(` ${directory} `);
    } catch {
      return false; // it has ended
    }
  });
  if (!found) throw new Error(`no process has ${directory} mounted`);
  return found;
}
