import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { limitDeletions } from '../../../functions/retention/limitDeletions.ts';
import { TAG } from '../../../shared/tags.ts';
import { Simulated } from '../simulated.ts';
import { DEPLOYMENT, images, listAt, nightly, seed, snapshots } from './retained.ts';
import { deletedAll, linesOf, planned, swept } from './retaining.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const plan = (policy = nightly({ days: 3 }), more: object = {}) => planned(simulated, policy, more);
const deleteAll = (deletions: object, more: object = {}) => deletedAll(simulated, deletions, more);
const sweep = (deletions: object) => swept(simulated, deletions);

describe('a plan', () => {
  test('says of every point whether it stays and why, and changes nothing', async () => {
    const [young = '', old = '', set = '', oldSet = '', failed = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 5 },
      { capture: 'snapshots', resource: 'i-00000000000000002', daysAgo: 4 },
      { capture: 'snapshots', resource: 'i-00000000000000002', daysAgo: 9 },
      { daysAgo: 4.5, tags: { [TAG.status]: 'failed' } },
    ]);
    const { counts, plan: place } = await plan();
    expect(linesOf(await listAt(simulated, place))).toEqual({
      [young]: 'not older than 3 days',
      [old]: '- older than 3 days',
      [set]: 'last good point of i-00000000000000002, which is gone: kept until somebody deletes it',
      [oldSet]: '- older than 3 days',
      [failed]: '- failed, and older than 96 hours',
    });
    expect(counts).toEqual({
      points: 5,
      good: 4,
      keep: 2,
      delete: 3,
      deleteGood: 2,
      resources: 2,
      resourcesGone: 2,
    });
    expect(await images(simulated)).toHaveLength(3);
    expect(await snapshots(simulated)).toHaveLength(10);
  });

  test('is of this policy and this deployment alone', async () => {
    seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 9, tags: { [TAG.deployment]: 'backup-drill-other' } },
      { daysAgo: 9, tags: { [TAG.policy]: 'weekly' } },
      { daysAgo: 9, tags: { [TAG.policy]: undefined } },
      { daysAgo: 9, tags: { [TAG.deployment]: undefined } },
    ]);
    expect((await plan()).counts).toMatchObject({ points: 1, delete: 0 });
  });

  test('knows what is locked, protected and being copied', async () => {
    const [, locked = '', protectedOne = '', copied = '', tagged = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 5 },
      { daysAgo: 6 },
      { daysAgo: 7 },
      { daysAgo: 8, tags: { [TAG.copying]: 'eu-central-1' } },
    ]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [locked, copied] });
    const snapshotOf = (at: number) => Images[at].BlockDeviceMappings[1].Ebs.SnapshotId;
    simulated.ec2.holds.locked.add(snapshotOf(0));
    simulated.ec2.holds.protected.add(protectedOne);
    const copy = { capture: 'snapshots' as const, instanceId: 'i-2', at: simulated.clock.now(), tags: {} };
    simulated.ec2.seedPoints([{ ...copy, copyOf: snapshotOf(1) }]);
    expect(linesOf(await listAt(simulated, (await plan()).plan))).toMatchObject({
      [locked]: 'locked',
      [protectedOne]: 'protected from deregistration',
      [copied]: 'still being copied',
      [tagged]: 'still being copied',
    });
  });
});

describe('deletions', () => {
  test('take images with their snapshots, sets snapshot by snapshot, and the lines of the index', async () => {
    const [young = '', old = '', set = '', oldSet = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 5 },
      { capture: 'snapshots', resource: 'i-00000000000000002', daysAgo: 4 },
      { capture: 'snapshots', resource: 'i-00000000000000002', daysAgo: 9, volumes: 3 },
    ]);
    const index = (resource: string, pointId: string) => ({
      resource: { S: resource },
      pointId: { S: pointId },
    });
    const lines = [
      index('i-00000000000000001', young),
      index('i-00000000000000001', old),
      index('i-00000000000000002', oldSet),
    ];
    for (const Item of lines) await simulated.call('dynamodb', 'PutItem', { TableName: 'points', Item });
    const { deletions } = await plan();
    expect((await deleteAll(deletions)).counts).toEqual({ deleted: 2, gone: 0, kept: 0, refused: 0 });
    expect(await images(simulated)).toEqual([young]);
    const left = await snapshots(simulated);
    expect(left).toHaveLength(4);
    expect(left.filter(({ tags }) => tags[TAG.set] === set)).toHaveLength(2);
    const { Items } = await simulated.call('dynamodb', 'Scan', { TableName: 'points' });
    expect(Items).toEqual([lines[0]]);
    expect((await plan()).counts.delete).toBe(0);
  });

  test('one that is locked or in use is told of, and blocks no other', async () => {
    const [, inUse = '', locked = '', old = ''] = seed(simulated, [
      { daysAgo: 1, capture: 'snapshots' },
      { daysAgo: 5, capture: 'snapshots' },
      { daysAgo: 6, capture: 'snapshots' },
      { daysAgo: 7, capture: 'snapshots' },
    ]);
    const { deletions } = await plan();
    const bySet = async (set: string) =>
      (await snapshots(simulated)).filter(({ tags }) => tags[TAG.set] === set);
    const [user] = seed(simulated, [{ daysAgo: 0, volumes: 1 }]);
    simulated.ec2.useSnapshot(user ?? '', (await bySet(inUse))[0]?.id ?? '');
    const [lockedOne] = await bySet(locked);
    simulated.ec2.holds.locked.add(lockedOne?.id ?? '');
    const { counts } = await deleteAll(deletions);
    expect(counts).toEqual({ deleted: 1, gone: 0, kept: 2, refused: 0 });
    const { done } = await listAt(simulated, deletions);
    const told = Object.fromEntries(
      done.map((one: { id: string; result: string; reason?: string }) => [
        one.id,
        `${one.result} ${one.reason ?? ''}`,
      ]),
    );
    expect(told[locked]).toBe('kept locked');
    expect(told[inUse]).toMatch(
      /^kept snap-[0-9a-f]+: in use: The snapshot snap-[0-9a-f]+ is currently in use by ami-[0-9a-f]+$/,
    );
    expect(told[old]).toBe('deleted ');
    expect(await bySet(locked)).toHaveLength(2);
    expect(await bySet(inUse)).toHaveLength(1);
    expect(await bySet(old)).toHaveLength(0);
  });

  test('ask again first: what has changed since the plan stays', async () => {
    const [young = '', validated = '', shared = '', protectedOne = '', mended = '', given = '', old = ''] =
      seed(simulated, [
        { daysAgo: 1 },
        { daysAgo: 5 },
        { daysAgo: 6 },
        { daysAgo: 7 },
        { daysAgo: 8, tags: { [TAG.status]: 'failed' } },
        { daysAgo: 9 },
        { daysAgo: 10 },
      ]);
    const { deletions } = await plan();
    const tag = (id: string, Key: string, Value: string) =>
      simulated.call('ec2', 'CreateTags', { Resources: [id], Tags: [{ Key, Value }] });
    await tag(validated, TAG.validated, simulated.now);
    simulated.ec2.holds.sharedWith.set(shared, ['210987654321']);
    simulated.ec2.holds.protected.add(protectedOne);
    await tag(mended, TAG.status, 'verified');
    await tag(given, TAG.policy, 'yearly');
    await deleteAll(deletions);
    const { done } = await listAt(simulated, deletions);
    expect(
      Object.fromEntries(done.map((one: { id: string; reason?: string }) => [one.id, one.reason])),
    ).toEqual({
      [validated]: 'a drill has validated it since',
      [shared]: 'shared',
      [protectedOne]: 'protected from deregistration',
      [mended]: 'its status is now verified',
      [given]: "it is not this policy's any more",
      [old]: undefined,
    });
    expect(new Set(await images(simulated))).toEqual(
      new Set([young, validated, shared, protectedOne, mended, given]),
    );
  });

  test('nothing of a resource goes when the point that was to remain is not good any more', async () => {
    const [young = '', old = '', other = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 5 },
      { daysAgo: 1, resource: 'i-00000000000000002' },
      { daysAgo: 5, resource: 'i-00000000000000002' },
    ]);
    const { deletions } = await plan();
    await simulated.call('ec2', 'DeregisterImage', { ImageId: young });
    expect((await deleteAll(deletions)).counts).toMatchObject({ deleted: 1, kept: 1 });
    expect(new Set(await images(simulated))).toEqual(new Set([old, other]));
  });

  test('what is gone already is done', async () => {
    const [, old = ''] = seed(simulated, [{ daysAgo: 1 }, { daysAgo: 5 }]);
    const { deletions } = await plan();
    await simulated.call('ec2', 'DeregisterImage', { ImageId: old, DeleteAssociatedSnapshots: true });
    expect((await deleteAll(deletions)).counts).toEqual({ deleted: 0, gone: 1, kept: 0, refused: 0 });
  });

  test('of 300 images take what 300 request tokens take, with no call refused', async () => {
    seed(simulated, [{ daysAgo: 0 }, ...Array.from({ length: 300 }, (_, at) => ({ daysAgo: 4 + at }))]);
    const { deletions } = await plan();
    const { counts, seconds, bursts } = await deleteAll(deletions);
    expect(counts.deleted).toBe(300);
    expect(seconds).toBe(40); // (300 - 100) / 5
    // More than five bursts of half a bucket: each snapshot is asked for too, 20 a second.
    expect(bursts).toBe(7);
    expect(await images(simulated)).toHaveLength(1);
    expect(await snapshots(simulated)).toHaveLength(2);
  });

  test('come to an end when AWS lets nothing through', async () => {
    seed(simulated, [{ daysAgo: 1 }, { daysAgo: 5 }]);
    const { deletions } = await plan();
    const error = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
    simulated.account.faults.add({ service: 'ec2', operation: 'DeregisterImage', error, times: 1000 });
    const { counts } = await deleteAll(deletions, { limitSeconds: 60 });
    expect(counts).toEqual({ deleted: 0, gone: 0, kept: 0, refused: 1 });
    expect((await listAt(simulated, deletions)).done[0].reason).toBe('not reached within 60 seconds');
    expect(await images(simulated)).toHaveLength(2);
  });
});

describe('the sweep', () => {
  test('takes snapshots whose image is gone, and leaves those of others, of sets, and young ones', async () => {
    const [gone = '', , , young = '', foreign = ''] = seed(simulated, [
      { daysAgo: 9 },
      { daysAgo: 8 },
      { daysAgo: 7, capture: 'snapshots' },
      { daysAgo: 1 },
      { daysAgo: 9, tags: { [TAG.deployment]: 'backup-drill-other' } },
    ]);
    for (const ImageId of [gone, young, foreign]) await simulated.call('ec2', 'DeregisterImage', { ImageId });
    const { deletions } = await plan(nightly({ count: 9 }));
    const { left } = await sweep(deletions);
    expect(left).toBe(0);
    expect(await snapshots(simulated)).toHaveLength(8);
    expect((await snapshots(simulated)).filter(({ tags }) => tags[TAG.run] === 'run-9')).toEqual(
      (await snapshots(simulated)).filter(({ tags }) => tags[TAG.deployment] !== DEPLOYMENT),
    );
  });

  test('tries at once what was left when its image went', async () => {
    seed(simulated, [{ daysAgo: 0.1 }, { daysAgo: 0.2 }]);
    const { deletions } = await plan(nightly({ count: 1 }));
    const [, , stubborn] = await snapshots(simulated);
    simulated.ec2.holds.locked.add(stubborn?.id ?? '');
    // Locked a moment after it was asked for.
    const locked = simulated.ec2.holds.locked;
    locked.delete(stubborn?.id ?? '');
    simulated.account.faults.add({
      service: 'ec2',
      operation: 'DescribeImageAttribute',
      error: { code: 'Never', message: '' },
      when: () => {
        locked.add(stubborn?.id ?? '');
        return false;
      },
    });
    expect((await deleteAll(deletions)).counts.deleted).toBe(1);
    expect((await snapshots(simulated)).map(({ id }) => id)).toContain(stubborn?.id);
    locked.delete(stubborn?.id ?? '');
    await sweep(deletions);
    expect((await snapshots(simulated)).map(({ id }) => id)).not.toContain(stubborn?.id);
    expect(await snapshots(simulated)).toHaveLength(2);
  });
});

describe('the circuit breaker', () => {
  test('counts the Regions together', async () => {
    const counts = {
      points: 10,
      good: 10,
      keep: 5,
      delete: 5,
      deleteGood: 5,
      resources: 1,
      resourcesGone: 0,
    };
    const half = simulated.run(limitDeletions, { policy: nightly({ days: 1 }), counts: [counts, counts] });
    expect(await half).toEqual({ good: 20, deletions: 10 });
    const more = { ...counts, deleteGood: 6 };
    await expect(
      simulated.run(limitDeletions, { policy: nightly({ days: 1 }), counts: [counts, more] }),
    ).rejects.toMatchObject({ name: 'TooManyDeletions' });
  });
});
