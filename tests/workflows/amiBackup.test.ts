import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withLoopDevices } from '../requires.ts';
import { PATHS, type UserInstance, userInstance } from './userInstance.ts';
import { type Outcome, World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const WRITE = PATHS.map((path) => `touch "$SSM_Root${path}/written"`).join(' && ');

let world: World;
let source: UserInstance;
beforeAll(async () => {
  world = await World.start({ physics: { snapshotProgress: 'empty' } });
  source = await userInstance(world);
}, 2 * MINUTE);
afterAll(async () => await world.close());

function backUp(consistency: string, more: object = {}, of = { world, source }): Promise<Outcome> {
  const { instanceId } = of.source;
  return of.world.run('ami-backup', { instanceId, consistency, validate: { paths: PATHS }, ...more });
}

const tagsOf = (tags: { Key: string; Value: string }[]) =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key.replace('backup-drill:', ''), Value]));

/** The point says what was seen, on its image, its snapshots and in the index; and the instance goes on. */
async function isKept(outcome: Outcome, asked: string, seen: string, of = { world, source }): Promise<void> {
  const { instanceId } = of.source;
  expect({ ...outcome, output: undefined }).toMatchObject({ status: 'SUCCEEDED' });
  const point = outcome.output.recoveryPoint;
  expect(point).toMatchObject({ resource: instanceId, consistency: { asked, seen } });
  const { Images } = await of.world.call('ec2', 'DescribeImages', { ImageIds: [point.imageId] });
  const tags = {
    deployment: 'backup-drill-dev',
    resource: instanceId,
    status: 'verified',
    consistency: seen,
    created: point.createdAt,
    nonce: point.nonce,
    fingerprint: point.fingerprintKey,
    manifest: point.manifest.key,
  };
  expect(Images[0].State).toBe('available');
  expect(tagsOf(Images[0].Tags)).toMatchObject(tags);
  const SnapshotIds = point.snapshots.map(({ snapshotId }: { snapshotId: string }) => snapshotId);
  const { Snapshots } = await of.world.call('ec2', 'DescribeSnapshots', { SnapshotIds });
  expect(Snapshots).toHaveLength(3);
  for (const snapshot of Snapshots) {
    expect(snapshot.State).toBe('completed');
    expect(tagsOf(snapshot.Tags)).toMatchObject(tags);
  }
  const starts = Snapshots.map(({ StartTime }: { StartTime: Date }) => StartTime.toISOString()).sort();
  expect(point.createdAt).toBe(starts[0]);
  const indexed = (await of.world.items('PointsTable')).find(({ imageId }) => imageId === point.imageId);
  expect(indexed).toMatchObject({ ...point, status: 'verified' });
  const { bucket, key, entries } = point.manifest;
  const lines = gunzipSync(readFileSync(of.world.s3().bucket(bucket).current(key).file)).toString();
  expect(entries).toBeGreaterThan(100);
  for (const path of PATHS) expect(lines).toContain(`${path}/`);
  await goesOn(of);
}

async function goesOn(of = { world, source }): Promise<void> {
  const { instanceId } = of.source;
  expect((await of.world.instance(instanceId)).State.Name).toBe('running');
  expect(await of.world.shell(instanceId, WRITE)).toBe('');
  expect(await of.world.locks()).toEqual([]);
}

describe('a backup of a running instance', () => {
  test(
    'reboot: is proven by a new boot id',
    async () => {
      const bootId = () => world.shell(source.instanceId, 'cat "$SSM_Root/proc/sys/kernel/random/boot_id"');
      const before = await bootId();
      await isKept(await backUp('reboot'), 'reboot', 'rebooted');
      expect(await bootId()).not.toBe(before);
    },
    2 * MINUTE,
  );

  test('stop: holds what was on disk while it stood, and it is started again', async () => {
    const before = (await world.instance(source.instanceId)).LaunchTime;
    await isKept(await backUp('stop'), 'stop', 'stopped');
    expect((await world.instance(source.instanceId)).LaunchTime).not.toEqual(before);
  }, 60_000);

  test('none: is told to be what it is', async () => {
    await isKept(await backUp('none'), 'none', 'crash');
  }, 60_000);
});

describe('a backup that fails', () => {
  const images = async () => {
    await world.pass(120);
    return (await world.call('ec2', 'DescribeImages', { Owners: ['self'] })).Images.length;
  };

  test(
    'because the instance is being backed up already, leaves that backup alone',
    async () => {
      const input = { instanceId: source.instanceId, consistency: 'none' };
      const first = await world.begin('ami-backup', input);
      while ((await world.locks()).length === 0) await world.pass(1);
      const second = await world.run('ami-backup', input);
      expect([second.status, second.error]).toEqual(['FAILED', 'ResourceBusy']);
      expect(second.cause).toContain(source.instanceId);
      expect(await world.locks()).toEqual([`lock#${source.instanceId}`]);
      expect((await world.end(first)).status).toBe('SUCCEEDED');
      await goesOn();
    },
    2 * MINUTE,
  );

  test('because what is mounted cannot be frozen, lets the instance go on and leaves no image', async () => {
    const before = await images();
    const { status, error, cause } = await backUp('freeze');
    expect([status, error]).toEqual(['FAILED', 'CommandFailed']);
    expect(cause).toContain('/data1');
    expect(await images()).toBe(before);
    await goesOn();
  }, 60_000);

  test('because its snapshots cannot be seen, lets a stopped instance start again and marks the image', async () => {
    const { faults } = world.local.account;
    const error = { code: 'UnauthorizedOperation', message: 'You are not authorized' };
    faults.add({ service: 'ec2', operation: 'DescribeSnapshots', error });
    const failed = await backUp('stop');
    expect([failed.status, failed.error]).toEqual(['FAILED', 'UnauthorizedOperation']);
    await world.pass(120);
    await goesOn();
    const { Images } = await world.call('ec2', 'DescribeImages', { Owners: ['self'] });
    const marked = Images.filter(({ Tags }: { Tags: [] }) => tagsOf(Tags).status === 'failed');
    expect(marked).toHaveLength(1);
    expect(await world.items('PointsTable')).not.toContainEqual(
      expect.objectContaining({ imageId: marked[0].ImageId }),
    );
  }, 60_000);

  test.each([
    [{ instanceId: 'i-0123456789abcdef0' }, 'ResourceNotFound', 'i-0123456789abcdef0'],
    [{ instanceId: 'web' }, 'InvalidInput', 'instanceId'],
    [{}, 'InvalidInput', 'instanceId'],
    [{ instanceId: 'i-0123456789abcdef0', consistent: 'stop' }, 'InvalidInput', 'consistent'],
  ])('because of the input %j, with %s', async (input, error, words) => {
    const outcome = await world.run('ami-backup', input);
    expect([outcome.status, outcome.error]).toEqual(['FAILED', error]);
    expect(outcome.cause).toContain(words);
    expect(await world.locks()).toEqual([]);
  });
});

withLoopDevices('a backup of disks that can be frozen', () => {
  let frozen: { world: World; source: UserInstance };
  beforeAll(async () => {
    const own = await World.start({ disks: 'loop' });
    frozen = { world: own, source: await userInstance(own) };
  }, 2 * MINUTE);
  afterAll(async () => await frozen.world.close());

  test('freeze: is taken of frozen mounts, which are thawed afterwards', async () => {
    const outcome = await backUp('freeze', {}, frozen);
    await isKept(outcome, 'freeze', 'frozen', frozen);
  }, 60_000);
});
