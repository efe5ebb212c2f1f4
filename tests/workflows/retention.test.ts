import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import { AwsError } from '../../local/account/service.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import { TAG } from '../../shared/tags.ts';
import { World } from './world.ts';

const DAY = 24 * 3600 * 1000;

let world: World;
let owner: string;
beforeAll(async () => {
  world = await World.start({ physics: { listLag: [0, 0], idLag: [0, 0] } });
  owner = `backup-drill-${world.local.stage}`;
}, 120_000);
afterAll(async () => await world.close());

/** A policy of this name, as a deployment would make its parameter. */
function policy(name: string, more: object = {}): void {
  const text = JSON.stringify({ name, capture: 'ami', keep: { days: 3 }, notify: 'always', ...more });
  const ssm = world.local.account.service<SsmService>('ssm', world.local.region);
  ssm.putParameter(`/${owner}/policies/${name}`, text);
}

interface Former {
  daysAgo: number;
  capture?: 'ami' | 'snapshots';
  resource?: string;
  region?: string;
  tags?: Record<string, string>;
}

/** Lets verified points of a policy be there. Answers with the ids of the images, or the snapshots. */
function seed(name: string, formers: Former[]) {
  return formers.map(
    ({
      daysAgo,
      capture = 'ami',
      resource = 'i-00000000000000001',
      region = world.local.region,
      tags = {},
    }) => {
      const at = world.local.account.clock.now() - daysAgo * DAY;
      const ec2 = world.local.account.service<Ec2Service>('ec2', region);
      const own = {
        [TAG.deployment]: owner,
        [TAG.policy]: name,
        [TAG.resource]: resource,
        [TAG.status]: 'verified',
        [TAG.created]: new Date(at).toISOString(),
        ...(capture === 'snapshots' && { [TAG.set]: `${name}-${daysAgo}/${resource}` }),
      };
      const [ids] = ec2.seedPoints([{ capture, instanceId: resource, at, tags: { ...own, ...tags } }]);
      return ids ?? { snapshotIds: [] };
    },
  );
}

/** Ids of a policy's images and snapshots that are still there. */
async function left(name: string, region = world.local.region): Promise<string[]> {
  const Filters = [{ Name: `tag:${TAG.policy}`, Values: [name] }];
  const { account } = world.local;
  const list = (operation: string) =>
    account.call({
      principal: account.operator,
      region,
      service: 'ec2',
      operation,
      input: { Filters },
    }) as Promise<{
      Images?: { ImageId: string }[];
      Snapshots?: { SnapshotId: string }[];
    }>;
  const { Images = [] } = await list('DescribeImages');
  const { Snapshots = [] } = await list('DescribeSnapshots');
  return [...Images.map(({ ImageId }) => ImageId), ...Snapshots.map(({ SnapshotId }) => SnapshotId)].sort();
}

/** An object of a bucket. */
async function json({ bucket, key }: { bucket: string; key: string }) {
  const { Body } = await world.call('s3', 'GetObject', { Bucket: bucket, Key: key });
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return JSON.parse((key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

const all = (points: { imageId?: string; snapshotIds: string[] }[]) =>
  points.flatMap(({ imageId, snapshotIds }) => [...(imageId ? [imageId] : []), ...snapshotIds]).sort();

describe('retention', () => {
  test('deletes what is not kept, sweeps, reports, and finds nothing more to do the next time', async () => {
    policy('whole');
    const [young, , set, , orphan] = seed('whole', [
      { daysAgo: 1 },
      { daysAgo: 5 },
      { daysAgo: 1, capture: 'snapshots', resource: 'i-00000000000000002' },
      { daysAgo: 5, capture: 'snapshots', resource: 'i-00000000000000002' },
      { daysAgo: 9 },
    ]);
    await world.call('ec2', 'DeregisterImage', { ImageId: orphan?.imageId });
    const { status, output } = await world.run('retention', { policy: 'whole' });
    expect([status, output.status]).toEqual(['SUCCEEDED', 'complete']);
    expect(output.counts).toEqual({ points: 4, deleted: 2, kept: 0, refused: 0, orphans: 2 });
    expect(await left('whole')).toEqual(all([young, set].flatMap((one) => one ?? [])));
    const report = await json(output.report);
    expect(report.regions[0].deletions.map((one: { rule: string }) => one.rule)).toEqual(
      Array(2).fill('older than 3 days'),
    );
    expect((await world.run('retention', { policy: 'whole' })).output.counts).toMatchObject({
      deleted: 0,
      orphans: 0,
    });
  }, 60_000);

  test('a dry run says what would go and why, and changes nothing', async () => {
    policy('dry');
    const points = seed('dry', [{ daysAgo: 1 }, { daysAgo: 5 }]);
    const { status, output } = await world.run('retention', { policy: 'dry', dryRun: true });
    expect([status, output.dryRun]).toEqual(['SUCCEEDED', true]);
    const { decisions } = await json(output.regions[0].plan);
    expect(decisions.map(({ id, rule }: { id: string; rule: string }) => [id, rule])).toEqual([
      [points[0]?.imageId, 'not older than 3 days'],
      [points[1]?.imageId, 'older than 3 days'],
    ]);
    expect(await left('dry')).toEqual(all(points));
    expect(await world.locks()).toEqual([]);
  }, 60_000);

  test('the circuit breaker deletes nothing, fails by name, and somebody hears of it', async () => {
    policy('stopped');
    const points = seed('stopped', [{ daysAgo: 1 }, { daysAgo: 5 }, { daysAgo: 6 }]);
    const { status, error, cause } = await world.run('retention', { policy: 'stopped' });
    expect([status, error]).toEqual(['FAILED', 'TooManyDeletions']);
    expect(cause).toMatch(
      /^policy stopped: 2 of 3 good recovery points would be deleted, and maxDeletions allows 50%/,
    );
    expect(await left('stopped')).toEqual(all(points));
    expect(world.lastMessage()?.subject).toBe('Retention of stopped failed: TooManyDeletions');
    const dry = await world.run('retention', { policy: 'stopped', dryRun: true });
    expect([dry.status, dry.output.stopped.Error]).toEqual(['SUCCEEDED', 'TooManyDeletions']);
    policy('stopped', { maxDeletions: { percent: 67 } });
    expect((await world.run('retention', { policy: 'stopped' })).status).toBe('SUCCEEDED');
    expect(await left('stopped')).toEqual(all(points.slice(0, 1)));
    expect(await world.locks()).toEqual([]);
  }, 60_000);

  test('what AWS refuses, and a Region that cannot be worked in, fail the run after all else is done', async () => {
    policy('refused', { select: { regions: ['eu-west-1', 'eu-central-1'] }, maxDeletions: { percent: 100 } });
    const [, refused, old] = seed('refused', [{ daysAgo: 1 }, { daysAgo: 5 }, { daysAgo: 6 }]);
    const { faults } = world.local.account;
    const error = { code: 'UnauthorizedOperation', message: 'not for you', status: 403 };
    const image = refused?.imageId;
    faults.add({
      service: 'ec2',
      operation: 'DeregisterImage',
      error,
      when: ({ ImageId }) => ImageId === image,
    });
    const { account } = world.local;
    const call = account.call.bind(account);
    account.call = async (asked) => {
      if (asked.service === 'ec2' && asked.region === 'eu-central-1')
        throw new AwsError('AuthFailure', 'this Region is switched off', 401);
      return await call(asked);
    };
    const outcome = await world.run('retention', { policy: 'refused' });
    account.call = call;
    expect([outcome.status, outcome.error]).toEqual(['FAILED', 'RetentionIncomplete']);
    expect(outcome.cause).toContain(`eu-west-1 ${image}: UnauthorizedOperation: not for you`);
    expect(outcome.cause).toContain('eu-central-1: AuthFailure: ');
    const there = await left('refused');
    expect(there).toContain(image);
    expect(there).not.toContain(old?.imageId);
    expect(await world.locks()).toEqual([]);
  }, 60_000);

  test('a storm of throttling delays it, and no more', async () => {
    policy('stormy', { maxDeletions: { percent: 100 } });
    const points = seed('stormy', [
      { daysAgo: 1 },
      ...Array.from({ length: 20 }, (_, at) => ({ daysAgo: 4 + at })),
      { daysAgo: 9, capture: 'snapshots' as const },
    ]);
    const error = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
    const { account } = world.local;
    for (const operation of [
      'DescribeImages',
      'DescribeLockedSnapshots',
      'DescribeImageAttribute',
      'CreateTags',
    ])
      account.faults.add({ service: 'ec2', operation, error, times: 2 });
    account.faults.add({ service: 'ec2', operation: 'DeregisterImage', error, times: 12, after: 3 });
    account.faults.add({ service: 'ec2', operation: 'DeleteSnapshot', error, times: 2 });
    const began = account.clock.now();
    const { status, output } = await world.run('retention', { policy: 'stormy' });
    expect([status, output.counts.deleted]).toEqual(['SUCCEEDED', 21]);
    expect(await left('stormy')).toEqual(all(points.slice(0, 1)));
    expect((account.clock.now() - began) / 60_000).toBeLessThan(30);
    account.faults.clear();
  }, 60_000);

  test("makes older images and snapshots points of the policy, but nobody else's", async () => {
    policy('adopting', { adopt: { tags: { Backup: 'nightly*' } }, maxDeletions: { percent: 100 } });
    const ec2 = world.local.account.service<Ec2Service>('ec2', world.local.region);
    const former = (daysAgo: number, capture: 'ami' | 'snapshots', tags: Record<string, string>) => {
      const at = world.local.account.clock.now() - daysAgo * DAY;
      const [ids] = ec2.seedPoints([{ capture, instanceId: 'i-0000000000000000a', at, tags }]);
      return ids ?? { snapshotIds: [] };
    };
    const old = former(9, 'ami', { Backup: 'nightly-web' });
    const young = former(1, 'ami', { Backup: 'nightly-web' });
    const set = former(8, 'snapshots', { Backup: 'nightly', InstanceId: 'i-0000000000000000b' });
    const nobodys = former(8, 'snapshots', { Backup: 'nightly' });
    const theirs = former(8, 'ami', { Backup: 'nightly', [TAG.deployment]: 'backup-drill-other' });
    const half = former(7, 'ami', { Backup: 'nightly-web' });
    ec2.useSnapshot(half.imageId ?? '', theirs.snapshotIds[0] ?? '');
    const dry = await world.run('retention', { policy: 'adopting', dryRun: true });
    expect(dry.output.regions[0].counts).toMatchObject({ points: 3, delete: 1 });
    expect(await left('adopting')).toEqual([]);
    const { status, output } = await world.run('retention', { policy: 'adopting' });
    expect(status).toBe('SUCCEEDED');
    expect((await json(output.report)).regions[0].leftAlone).toEqual([
      `${half.imageId}: its snapshot ${theirs.snapshotIds[0]} belongs to backup-drill-other`,
    ]);
    expect(await left('adopting')).toEqual(all([young, set]));
    const { Images } = await world.call('ec2', 'DescribeImages', { Owners: ['self'] });
    const ids = Images.map(({ ImageId }: { ImageId: string }) => ImageId);
    expect(ids).not.toContain(old.imageId);
    expect(ids).toContain(theirs.imageId);
    const { Snapshots } = await world.call('ec2', 'DescribeSnapshots', { SnapshotIds: nobodys.snapshotIds });
    expect(Snapshots[0].Tags).toEqual([{ Key: 'Backup', Value: 'nightly' }]);
  }, 60_000);
});
