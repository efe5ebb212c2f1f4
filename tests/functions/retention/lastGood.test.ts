import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TAG } from '../../../shared/tags.ts';
import { Simulated } from '../simulated.ts';
import { images, listAt, nightly, seed, snapshots } from './retained.ts';
import { deletedAll, linesOf, planned, swept } from './retaining.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const I2 = 'i-00000000000000002';
const inSet = async (set: string) => (await snapshots(simulated)).filter(({ tags }) => tags[TAG.set] === set);
const tag = (id: string, Key: string, Value: string) =>
  simulated.call('ec2', 'CreateTags', { Resources: [id], Tags: [{ Key, Value }] });

/** A retention of a policy: what it says of each point, and what became of those that were to go. */
async function retention(policy = nightly({ count: 1 }), meanwhile: () => unknown = () => undefined) {
  const { plan, deletions, counts } = await planned(simulated, policy);
  await meanwhile();
  await deletedAll(simulated, deletions);
  const { done } = await listAt(simulated, deletions);
  const told: Record<string, string> = Object.fromEntries(
    done.map(({ id, result, reason = '' }: { id: string; result: string; reason?: string }) => [
      id,
      `${result} ${reason}`.trim(),
    ]),
  );
  return { lines: linesOf(await listAt(simulated, plan)), counts, told, deletions };
}

describe('of two verified sets', () => {
  let [younger, older] = ['', ''];
  beforeEach(() => {
    [younger = '', older = ''] = seed(simulated, [
      { daysAgo: 5, capture: 'snapshots' },
      { daysAgo: 6, capture: 'snapshots' },
    ]);
  });

  test('the complete older one stays when a snapshot of the younger is gone', async () => {
    await simulated.call('ec2', 'DeleteSnapshot', { SnapshotId: (await inSet(younger))[0]?.id });
    const { lines } = await retention();
    expect(lines).toEqual({
      [younger]: 'verified, but incomplete: kept until somebody looks at it',
      [older]: 'the newest',
    });
    expect(await inSet(older)).toHaveLength(2);
    expect(await inSet(younger)).toHaveLength(1);
  });

  test('the older one stays when the younger becomes incomplete after the plan', async () => {
    const { told } = await retention(nightly({ count: 1 }), async () =>
      simulated.call('ec2', 'DeleteSnapshot', { SnapshotId: (await inSet(younger))[0]?.id }),
    );
    expect(told).toEqual({
      [older]: `kept ${younger}, which was to remain, is not a good point any more`,
    });
    expect(await inSet(older)).toHaveLength(2);
  });
});

test('a set stays that has a snapshot less since one lost the tag of its set, and no sweep takes that one', async () => {
  const half = { capture: 'snapshots' as const, volumes: 1 };
  const [older = '', younger = ''] = seed(simulated, [
    { daysAgo: 6, capture: 'snapshots' },
    { ...half, daysAgo: 5, tags: { [TAG.members]: '2' } },
    { ...half, daysAgo: 5, tags: { [TAG.members]: '2', [TAG.set]: undefined } },
  ]);
  const { lines, deletions } = await retention();
  expect(lines).toEqual({
    [older]: 'the newest',
    [younger]: 'verified, but incomplete: kept until somebody looks at it',
  });
  await swept(simulated, deletions);
  expect(await snapshots(simulated)).toHaveLength(4);
});

test('a set of before sets told their number is as good as what is there of it', async () => {
  const [younger = '', older = ''] = seed(simulated, [
    { daysAgo: 1, capture: 'snapshots', tags: { [TAG.members]: undefined } },
    { daysAgo: 2, capture: 'snapshots', tags: { [TAG.members]: undefined } },
  ]);
  await retention();
  expect([await inSet(younger), await inSet(older)].map(({ length }) => length)).toEqual([2, 0]);
});

describe('a point that is marked as expiring', () => {
  test('stays if it is an image, or all that its resource has', async () => {
    const expiring = { [TAG.status]: 'expiring' };
    const [only = '', set = ''] = seed(simulated, [
      { daysAgo: 1, tags: expiring },
      { daysAgo: 1, resource: I2, capture: 'snapshots', tags: expiring },
    ]);
    const { lines } = await retention(nightly({ daily: 7 }));
    expect(lines).toEqual({
      [only]: 'its status is expiring: kept until somebody looks at it',
      [set]: `its deletion has begun, but ${I2} has no good point: kept until somebody looks at it`,
    });
    expect(await images(simulated)).toEqual([only]);
    expect(await snapshots(simulated)).toHaveLength(4);
  });

  test('counts among what a run deletes while all of it is there, and goes only with a survivor', async () => {
    const [good = '', set = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 2, capture: 'snapshots', tags: { [TAG.status]: 'expiring' } },
    ]);
    const first = await retention(nightly({ days: 3 }), () => tag(good, TAG.status, 'failed'));
    expect(first.counts).toMatchObject({ good: 2, deleteGood: 1 });
    expect(first.told[set]).toBe(`kept ${good}, which was to remain, is not a good point any more`);
    await tag(good, TAG.status, 'verified');
    expect((await retention(nightly({ days: 3 }))).told).toEqual({ [set]: 'deleted' });
    expect(await snapshots(simulated)).toHaveLength(2);
  });
});

test('a tag that tells of the future makes no later point expire', async () => {
  const [wrong = '', newest = '', set = ''] = seed(simulated, [
    { daysAgo: 2, tags: { [TAG.created]: '2099-01-01T00:00:00.000Z' } },
    { daysAgo: 1 },
    { daysAgo: 3, capture: 'snapshots', tags: { [TAG.created]: '2099-01-01T00:00:00.000Z' } },
  ]);
  const { lines } = await retention();
  expect(lines).toEqual({ [newest]: 'the newest', [wrong]: '- not the newest', [set]: '- not the newest' });
  expect(await images(simulated)).toEqual([newest]);
});

describe('what happens between a plan and its deletions', () => {
  test('a copy that has begun keeps its source', async () => {
    const [, old = '', oldSet = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 9 },
      { daysAgo: 9, capture: 'snapshots' },
    ]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [old] });
    const sources = [Images[0].BlockDeviceMappings[0].Ebs.SnapshotId, (await inSet(oldSet))[0]?.id ?? ''];
    const copy = { capture: 'snapshots' as const, instanceId: I2, tags: {} };
    const { told } = await retention(nightly({ days: 3 }), () =>
      simulated.ec2.seedPoints(sources.map((copyOf) => ({ ...copy, copyOf, at: simulated.clock.now() }))),
    );
    expect(told).toEqual({ [old]: 'kept still being copied', [oldSet]: 'kept still being copied' });
    expect(await images(simulated)).toContain(old);
    expect(await inSet(oldSet)).toHaveLength(2);
  });

  test('a validated point stays when the one that was validated last is gone', async () => {
    const [young = '', last = '', before = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 9, tags: { [TAG.validated]: '2026-01-01T00:00:00Z' } },
      { daysAgo: 10, tags: { [TAG.validated]: '2025-12-31T00:00:00Z' } },
    ]);
    const { told } = await retention(nightly({ days: 3 }), () =>
      simulated.call('ec2', 'DeregisterImage', { ImageId: last }),
    );
    expect(told).toEqual({
      [before]: `kept ${last}, validated and to remain, is not a good point any more`,
    });
    expect(new Set(await images(simulated))).toEqual(new Set([young, before]));
  });

  test('an image stays when one of its snapshots is shared by itself', async () => {
    const [young = '', shared = '', old = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 9 },
      { daysAgo: 10 },
    ]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [shared] });
    simulated.ec2.holds.sharedWith.set(Images[0].BlockDeviceMappings[1].Ebs.SnapshotId, ['210987654321']);
    const { told } = await retention(nightly({ days: 3 }));
    expect(told).toEqual({ [shared]: 'kept shared', [old]: 'deleted' });
    expect(new Set(await images(simulated))).toEqual(new Set([young, shared]));
    expect(await snapshots(simulated)).toHaveLength(4);
  });
});

describe('a set that AWS does not let be marked', () => {
  const formers = [
    { daysAgo: 1 },
    { daysAgo: 9 },
    ...[1, 9, 10].map((daysAgo) => ({ daysAgo, resource: I2, capture: 'snapshots' as const })),
  ];

  test('is told of by itself; images and other sets go', async () => {
    const [young = '', old = '', , older = '', oldest = ''] = seed(simulated, formers);
    const refused = (await inSet(oldest)).map(({ id }) => id);
    simulated.account.faults.add({
      service: 'ec2',
      operation: 'CreateTags',
      error: { code: 'InvalidSnapshot.NotFound', message: 'one of them does not exist', status: 400 },
      when: ({ Resources }) => (Resources as string[]).includes(refused[0] ?? ''),
    });
    const { told } = await retention(nightly({ days: 3 }));
    expect(told).toEqual({
      [old]: 'deleted',
      [older]: 'deleted',
      [oldest]: 'refused InvalidSnapshot.NotFound: one of them does not exist',
    });
    expect(await images(simulated)).toEqual([young]);
    expect(await inSet(oldest)).toHaveLength(2);
    expect(await inSet(older)).toEqual([]);
  });

  test('for want of tokens waits for them, and nothing else is lost', async () => {
    const [young = '', old = '', set = '', older = '', oldest = ''] = seed(simulated, formers);
    const error = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
    simulated.account.faults.add({ service: 'ec2', operation: 'CreateTags', error, times: 3 });
    const { told } = await retention(nightly({ days: 3 }));
    expect(told).toEqual({ [old]: 'deleted', [older]: 'deleted', [oldest]: 'deleted' });
    expect(await images(simulated)).toEqual([young]);
    expect((await snapshots(simulated)).flatMap(({ tags }) => tags[TAG.set] ?? [])).toEqual([set, set]);
  });
});

describe('the sweep', () => {
  test('leaves what is locked or being copied', async () => {
    const [gone = ''] = seed(simulated, [{ daysAgo: 9, volumes: 4 }, { daysAgo: 1 }]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [gone] });
    const [locked, tagged, source, orphan] = Images[0].BlockDeviceMappings.map(
      ({ Ebs }: { Ebs: { SnapshotId: string } }) => Ebs.SnapshotId,
    );
    await simulated.call('ec2', 'DeregisterImage', { ImageId: gone });
    simulated.ec2.holds.locked.add(locked);
    await tag(tagged, TAG.copying, 'eu-central-1');
    const copy = { capture: 'snapshots' as const, instanceId: I2, at: simulated.clock.now(), tags: {} };
    simulated.ec2.seedPoints([{ ...copy, copyOf: source }]);
    const { deletions } = await planned(simulated, nightly({ count: 9 }));
    const { orphans } = await swept(simulated, deletions);
    expect((await listAt(simulated, orphans)).done).toEqual([{ id: orphan, result: 'deleted' }]);
    const there = (await snapshots(simulated)).map(({ id }) => id);
    expect(there).toEqual(expect.arrayContaining([locked, tagged, source]));
    expect(there).not.toContain(orphan);
  });

  test('leaves what a copy is begun of between two bursts', async () => {
    const [gone = ''] = seed(simulated, [{ daysAgo: 9 }, { daysAgo: 1 }]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [gone] });
    const copyOf = Images[0].BlockDeviceMappings[0].Ebs.SnapshotId;
    await simulated.call('ec2', 'DeregisterImage', { ImageId: gone });
    const { deletions } = await planned(simulated, nightly({ count: 9 }));
    const none = { size: 100, refill: 5, tokens: 0, rate: 5, sinceEmpty: 0, at: simulated.clock.now() };
    const first = await swept(simulated, deletions, { bucket: none });
    expect(first.left).toBe(2);
    const copy = { capture: 'snapshots' as const, instanceId: I2, at: simulated.clock.now(), tags: {} };
    simulated.ec2.seedPoints([{ ...copy, copyOf }]);
    expect((await swept(simulated, deletions, { orphans: first.orphans })).left).toBe(0);
    const { done } = await listAt(simulated, first.orphans);
    expect(done).toContainEqual({ id: copyOf, result: 'kept', reason: 'still being copied' });
    expect((await snapshots(simulated)).map(({ id }) => id)).toContain(copyOf);
  });

  test('keeps what an image of somebody uses, and says so', async () => {
    const [young = '', old = '', theirs = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 9 },
      { daysAgo: 0, volumes: 1, tags: { [TAG.deployment]: undefined } },
    ]);
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [old] });
    const shared = Images[0].BlockDeviceMappings[0].Ebs.SnapshotId;
    simulated.ec2.useSnapshot(theirs, shared);
    await retention(nightly({ days: 3 }));
    await simulated.pass(5 * 86_400);
    const { deletions } = await planned(simulated, nightly({ days: 30 }));
    const { orphans } = await swept(simulated, deletions);
    expect((await listAt(simulated, orphans)).done).toEqual([
      { id: shared, result: 'kept', reason: expect.stringMatching(/^in use: .* in use by ami-/) },
    ]);
    expect((await snapshots(simulated)).map(({ id }) => id)).toContain(shared);
    expect(new Set(await images(simulated))).toEqual(new Set([young, theirs]));
  });
});
