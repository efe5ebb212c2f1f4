import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

const LAGS = { idLag: [2, 2], listLag: [30, 30] } as const;
const tags = (ResourceType: string) => [{ ResourceType, Tags: [{ Key: 'run', Value: '1' }] }];
const byTag = { Filters: [{ Name: 'tag:run', Values: ['1'] }] };

describe('what is new', () => {
  test('is not found at first, then by its id, and only later in lists and by tag', async () => {
    const region = new Region(LAGS);
    const id = await region.launch({ TagSpecifications: tags('instance') });
    const seen = async () => [
      await region.codeOf('DescribeInstances', { InstanceIds: [id] }),
      (await region.call('DescribeInstances')).Reservations.length,
      (await region.call('DescribeInstances', byTag)).Reservations.length,
      (await region.call('DescribeInstances', { ...byTag, InstanceIds: await idIfFound(region, id) }))
        .Reservations.length,
    ];
    expect(await seen()).toEqual(['InvalidInstanceID.NotFound', 0, 0, 0]);
    expect(await region.codeOf('CreateTags', { Resources: [id], Tags: [] })).toBe(
      'InvalidInstanceID.NotFound',
    );
    await region.pass(2);
    expect(await seen()).toEqual(['none', 0, 0, 0]);
    await region.pass(28);
    expect(await seen()).toEqual(['none', 1, 1, 1]);
  });

  test('holds for images and their snapshots alike', async () => {
    const region = new Region(LAGS);
    const InstanceId = await region.running();
    const input = { InstanceId, Name: 'copy', NoReboot: true, TagSpecifications: tags('snapshot') };
    const { ImageId } = await region.call('CreateImage', input);
    expect(await region.codeOf('DescribeImages', { ImageIds: [ImageId] })).toBe('InvalidAMIID.NotFound');
    await region.pass(20);
    const { Images } = await region.call('DescribeImages', { ImageIds: [ImageId] });
    const SnapshotIds = Images[0].BlockDeviceMappings.map(
      (one: { Ebs: { SnapshotId: string } }) => one.Ebs.SnapshotId,
    );
    expect((await region.call('DescribeSnapshots', byTag)).Snapshots).toEqual([]);
    await region.pass(2);
    expect((await region.call('DescribeSnapshots', { SnapshotIds })).Snapshots).toHaveLength(3);
    expect((await region.call('DescribeSnapshots', byTag)).Snapshots).toEqual([]);
    await region.pass(30);
    expect((await region.call('DescribeSnapshots', byTag)).Snapshots).toHaveLength(3);
  });

  test('differs from seed to seed, and is the same for the same one', async () => {
    const first = async (seed: number) => {
      const region = new Region({ idLag: [0, 3], listLag: [0, 60] }, seed);
      const id = await region.launch();
      return [id, await region.until(`${id}:running`)];
    };
    expect(await first(7)).toEqual(await first(7));
    expect(await first(7)).not.toEqual(await first(8));
  });
});

async function idIfFound(region: Region, id: string): Promise<string[]> {
  return (await region.codeOf('DescribeInstances', { InstanceIds: [id] })) === 'none' ? [id] : [];
}

describe('lists', () => {
  test('come in pages, not together with ids', async () => {
    const region = new Region({ throttling: false });
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) ids.push(await region.launch());
    const first = await region.call('DescribeInstances', { MaxResults: 5 });
    const second = await region.call('DescribeInstances', { MaxResults: 5, NextToken: first.NextToken });
    const found = [...first.Reservations, ...second.Reservations].map((one) => one.Instances[0].InstanceId);
    expect(found).toEqual(ids);
    expect(second.NextToken).toBeUndefined();
    const both = { MaxResults: 5, InstanceIds: ids };
    expect(await region.codeOf('DescribeInstances', both)).toBe('InvalidParameterCombination');
    const wrong = { Filters: [{ Name: 'colour', Values: ['red'] }] };
    expect(await region.codeOf('DescribeInstances', wrong)).toBe('InvalidParameterValue');
  });

  test('what is answered is a copy', async () => {
    const region = new Region();
    const id = await region.launch();
    (await region.describe(id)).State.Name = 'changed';
    expect((await region.describe(id)).State.Name).toBe('pending');
  });

  test('status checks of instances that do not run are shown only when asked for', async () => {
    const region = new Region();
    await region.launch();
    expect((await region.call('DescribeInstanceStatus')).InstanceStatuses).toEqual([]);
    const { InstanceStatuses } = await region.call('DescribeInstanceStatus', { IncludeAllInstances: true });
    expect(InstanceStatuses[0].InstanceStatus.Status).toBe('not-applicable');
  });
});

describe('CreateTags', () => {
  test('adds and replaces, on several kinds at once', async () => {
    const region = new Region();
    const id = await region.launch({ TagSpecifications: tags('instance') });
    const [{ Ebs }] = (await region.describe(id)).BlockDeviceMappings;
    const Tags = [
      { Key: 'run', Value: '2' },
      { Key: 'new', Value: '' },
    ];
    await region.call('CreateTags', { Resources: [id, Ebs.VolumeId], Tags });
    expect((await region.describe(id)).Tags).toEqual(Tags);
    const { Volumes } = await region.call('DescribeVolumes', { VolumeIds: [Ebs.VolumeId] });
    expect(Volumes[0].Tags).toEqual(Tags);
  });

  test('refuses what AWS refuses, and then changes nothing', async () => {
    const region = new Region();
    const id = await region.launch({ TagSpecifications: tags('instance') });
    const code = (Tags: object[], Resources = [id]) => region.codeOf('CreateTags', { Resources, Tags });
    const many = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: '' }));
    expect(await code([{ Key: 'aws:x', Value: '' }])).toBe('InvalidParameterValue');
    expect(await code([many[0] ?? {}, many[0] ?? {}])).toBe('InvalidParameterValue');
    expect(await code([{ Key: 'k'.repeat(129), Value: '' }])).toBe('InvalidParameterValue');
    expect(await code([{ Key: 'k', Value: 'v'.repeat(257) }])).toBe('InvalidParameterValue');
    expect(await code(many)).toBe('TagLimitExceeded');
    expect(await code(many.slice(1), [id, 'vol-01234567'])).toBe('InvalidVolume.NotFound');
    expect(await code([], ['thing-1'])).toBe('InvalidID');
    expect(
      await code(
        [],
        Array.from({ length: 1001 }, () => id),
      ),
    ).toBe('InvalidParameterValue');
    expect((await region.describe(id)).Tags).toEqual([{ Key: 'run', Value: '1' }]);
    expect(await code([{ Key: 'run', Value: 'v'.repeat(256) }, ...many.slice(2)])).toBe('none');
  });
});
