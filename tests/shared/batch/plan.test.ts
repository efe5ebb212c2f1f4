import type { Instance, Volume } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { nextBatchLook } from '../../../shared/batch/batchPacing.ts';
import { dueItems, secondsToNextDue } from '../../../shared/batch/due.ts';
import { planBatches } from '../../../shared/batch/planBatches.ts';
import { itemOf, selectTargets } from '../../../shared/batch/targets.ts';
import { wayOf } from '../../../shared/batch/way.ts';
import { batchOf, item, later, NOW } from './batches.ts';

const ids = (items: { instanceId: string }[]) => items.map(({ instanceId }) => instanceId.at(-1));
const many = (count: number) => Array.from({ length: count }, () => item(0));

describe('the batches of a Region', () => {
  const plan = (count: number, capture: 'ami' | 'snapshots') =>
    planBatches(many(count), 'eu-west-1', capture).map(({ name, items, afterSeconds, tokens }) => [
      name,
      items.length,
      afterSeconds,
      tokens,
    ]);

  test('are of a thousand at most, each in its turn at the tokens that come back', () => {
    expect(plan(0, 'ami')).toEqual([]);
    expect(plan(1000, 'ami')).toEqual([['eu-west-1-0', 1000, 0, 50]]);
    // (1,000 - 50) / 5 a second = 190 s; (2,000 - 50) / 5 = 390 s.
    expect(plan(2001, 'ami')).toEqual([
      ['eu-west-1-0', 1000, 0, 50],
      ['eu-west-1-1', 1000, 190, 0],
      ['eu-west-1-2', 1, 390, 0],
    ]);
    expect(plan(1001, 'snapshots')).toEqual([
      ['eu-west-1-0', 1000, 0, 100],
      ['eu-west-1-1', 1, 180, 0],
    ]);
  });
});

describe('what is due', () => {
  const items = [
    item(1),
    item(2, { tries: 1, notBefore: later(-1) }),
    item(3, { tries: 2, notBefore: later(10) }),
    item(4, { state: 'captured' }),
    item(5, { tries: 3, notBefore: later(0) }),
  ];

  test('comes first when EC2 has put it off, and not before its time', () => {
    expect(ids(dueItems(items, NOW))).toEqual(['5', '2', '1']);
    expect(secondsToNextDue(items, NOW)).toBe(0);
  });

  test('is waited for when all others are done', () => {
    expect(secondsToNextDue(items.slice(2, 4), NOW)).toBe(10);
    expect(secondsToNextDue([item(4, { state: 'failed' })], NOW)).toBe(0);
  });
});

describe('the next look at a batch', () => {
  const seen = (pending: number, seconds: number) => ({ pending, most: 100, at: later(seconds) });

  test.each([
    ['a young batch, soon', 40, seen(100, 0), seen(100, 10), 10],
    ['a quiet batch, within a minute', 900, seen(100, 0), seen(100, 59), 59],
    ['one that completes all at once, at the shortest', 900, seen(100, 0), seen(0, 20), 20],
    // 100 in 12 minutes: 1.31 / sqrt(1 / 720) = 35 s
    ['one that completes evenly within 12 minutes, every 35 seconds', 900, seen(60, 0), seen(55, 36), 35],
    ['one of two days, by three hundredths of what has passed', 172_800, seen(9, 0), seen(9, 5000), 5184],
  ])('%s', (_, elapsed, before, now, seconds) => {
    expect(nextBatchLook(elapsed, before, now)).toBe(seconds);
  });
});

describe('the way of a policy', () => {
  test.each([
    [{}, 'burst'],
    [{ consistency: 'stop' }, 'one-by-one'],
    [{ validate: { paths: ['/data'] } }, 'one-by-one'],
    [{ documents: { before: 'rest' } }, 'one-by-one'],
  ])('%j: %s', (more, way) => {
    expect(wayOf(batchOf([], more).policy)).toBe(way);
  });
});

describe('targets', () => {
  const instance = (number: number, more: Instance = {}): Instance => ({
    InstanceId: `i-0000000000000000${number}`,
    State: { Name: 'running' },
    RootDeviceType: 'ebs',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-0' } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-1' } },
    ],
    Tags: [{ Key: 'backup-policy', Value: 'nightly' }],
    ...more,
  });
  const volumes = new Map<string, Volume>([
    ['vol-0', { VolumeId: 'vol-0', Size: 8, Encrypted: true }],
    ['vol-1', { VolumeId: 'vol-1', Size: 100, Tags: [{ Key: 'scratch', Value: 'yes' }] }],
  ]);

  test('are those that the policy selects and that live; what it names and is not there is told by its id', () => {
    const all = [
      instance(1),
      instance(2, { Tags: [] }),
      instance(3, { State: { Name: 'terminated' } }),
      instance(4, { State: { Name: 'stopped' } }),
    ];
    const byTag = selectTargets(all, batchOf([]).policy);
    expect(byTag.instances.map(({ InstanceId }) => InstanceId?.at(-1))).toEqual(['1', '4']);
    expect(byTag.missing).toEqual([]);
    const named = batchOf([], { select: { ids: ['i-00000000000000002', 'i-00000000000000003'] } }).policy;
    const byId = selectTargets(all, named);
    expect(byId.instances.map(({ InstanceId }) => InstanceId?.at(-1))).toEqual(['2']);
    expect(byId.missing).toEqual(['i-00000000000000003']);
  });

  test('hold the volumes that the policy wants, and say which it leaves out', () => {
    const without = batchOf([], { volumes: { exclude: { tags: { scratch: '*' } } } }).policy;
    const found = itemOf(instance(1), volumes, without);
    expect(found).toMatchObject({ state: 'selected', running: true, rootDeviceName: '/dev/xvda' });
    expect(found.volumes.map(({ volumeId, sizeGiB, encrypted }) => [volumeId, sizeGiB, encrypted])).toEqual([
      ['vol-0', 8, true],
    ]);
    expect(found.leftOut).toEqual([
      { volumeId: 'vol-1', deviceName: '/dev/sdf', sizeGiB: 100, encrypted: false },
    ]);
  });

  test.each<[string, Instance, object, string]>([
    ['it is stopping', { State: { Name: 'stopping' } }, {}, 'it is stopping'],
    ['an instance store', { RootDeviceType: 'instance-store' }, {}, 'its root device is not an EBS volume'],
    ['no volume', { BlockDeviceMappings: [] }, {}, 'it has no EBS volume'],
    [
      'nothing wanted',
      {},
      { capture: 'snapshots', volumes: { root: false, exclude: { tags: { scratch: 'yes' } } } },
      'the policy leaves out every volume of it (2)',
    ],
  ])('%s is a failed item', (_, more, policy, reason) => {
    const found = itemOf(instance(1, more), volumes, batchOf([], policy).policy);
    expect(found).toMatchObject({ state: 'failed', reason });
  });

  test('snapshots of the data volumes of an instance store are possible', () => {
    const mapping = [{ DeviceName: '/dev/sdf', Ebs: { VolumeId: 'vol-1' } }];
    const store = instance(1, { RootDeviceType: 'instance-store', BlockDeviceMappings: mapping });
    expect(itemOf(store, volumes, batchOf([], { capture: 'snapshots' }).policy).state).toBe('selected');
  });
});
