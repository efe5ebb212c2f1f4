import { describe, expect, test } from '@jest/globals';
import type { Fleet } from '../../../../local/account/ec2/fleet.ts';
import type { Physics } from '../../../../local/account/physics.ts';
import { Region } from './region.ts';

interface Info {
  SnapshotId: string;
  VolumeId: string;
  Tags: { Key: string; Value: string }[];
}

/** One instance of a fleet that has a root and two data volumes, and their ids. */
function settled(physics: Partial<Physics> = {}, fleet: Partial<Fleet> = {}) {
  const region = new Region(physics);
  const [id = ''] = region.ec2.seedFleet({ count: 1, volumes: [{}, {}, {}], ...fleet });
  const create = (specification: object = {}, more: object = {}) => ({
    InstanceSpecification: { InstanceId: id, ...specification },
    ...more,
  });
  return { region, id, create };
}

async function volumesOf(region: Region, id: string): Promise<string[]> {
  const { BlockDeviceMappings } = await region.describe(id);
  return BlockDeviceMappings.map((one: { Ebs: { VolumeId: string } }) => one.Ebs.VolumeId);
}

describe('CreateSnapshots', () => {
  test('takes all volumes as they are at the moment of the call', async () => {
    const { region, id, create } = settled({ snapshotCompleted: [60, 90] });
    const volumes = await volumesOf(region, id);
    for (const volume of volumes) region.host.volumes.set(volume, 'before the call');
    const { Snapshots } = await region.call('CreateSnapshots', create({}, { Description: 'set 1' }));
    for (const volume of volumes) region.host.volumes.set(volume, 'after it');
    const now = new Date(region.clock.now());
    expect(Snapshots).toMatchObject(
      volumes.map((VolumeId) => ({
        VolumeId,
        State: 'pending',
        StartTime: now,
        VolumeSize: 8,
        OwnerId: '123456789012',
        Description: 'set 1',
        Tags: [],
      })),
    );
    const SnapshotIds = Snapshots.map((one: Info) => one.SnapshotId);
    expect(SnapshotIds.map((one: string) => region.host.snapshots.get(one))).toEqual([
      'before the call',
      'before the call',
      'before the call',
    ]);
    const states = async () => {
      const answer = await region.call('DescribeSnapshots', { SnapshotIds });
      return answer.Snapshots.map((one: { State: string }) => one.State);
    };
    await region.pass(59);
    expect(await states()).toEqual(['pending', 'pending', 'pending']);
    await region.pass(32);
    expect(await states()).toEqual(['completed', 'completed', 'completed']);
  });

  test('leaves out the root, and data volumes by their ids', async () => {
    const { region, id, create } = settled();
    const [, second, third] = await volumesOf(region, id);
    const { Snapshots } = await region.call(
      'CreateSnapshots',
      create({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [second] }),
    );
    expect(Snapshots.map((one: Info) => one.VolumeId)).toEqual([third]);
  });

  test('gives the tags of the request, and those of each volume when they are to be copied', async () => {
    const volumes = [{ tags: { mount: '/', team: 'red' } }, { tags: { mount: '/srv' } }];
    const { region, create } = settled({}, { volumes });
    const TagSpecifications = [{ ResourceType: 'snapshot', Tags: [{ Key: 'team', Value: 'blue' }] }];
    const { Snapshots } = await region.call(
      'CreateSnapshots',
      create({}, { CopyTagsFromSource: 'volume', TagSpecifications }),
    );
    expect(Snapshots.map((one: Info) => one.Tags)).toEqual([
      [
        { Key: 'mount', Value: '/' },
        { Key: 'team', Value: 'blue' },
      ],
      [
        { Key: 'mount', Value: '/srv' },
        { Key: 'team', Value: 'blue' },
      ],
    ]);
    const Filters = [{ Name: 'tag:team', Values: ['blue'] }];
    expect((await region.call('DescribeSnapshots', { Filters })).Snapshots).toHaveLength(2);
    expect((await region.call('DescribeSnapshots', { Filters })).Snapshots[0].Tags).toHaveLength(2);
  });

  test('asks IAM about the instance, each volume, each snapshot to be, and the tagging', async () => {
    const { region, id, create } = settled({}, { tags: { team: 'red' }, volumes: [{}, {}] });
    const [root, data] = await volumesOf(region, id);
    region.iam.asked.length = 0;
    const TagSpecifications = [{ ResourceType: 'snapshot', Tags: [{ Key: 'run', Value: '1' }] }];
    await region.call('CreateSnapshots', create({}, { TagSpecifications }));
    const own = 'arn:aws:ec2:eu-west-1:123456789012';
    const snapshots = 'arn:aws:ec2:eu-west-1::snapshot/*';
    expect(region.iam.asked.map((one) => [one.action, one.resource])).toEqual([
      ['ec2:CreateSnapshots', `${own}:instance/${id}`],
      ['ec2:CreateSnapshots', `${own}:volume/${root}`],
      ['ec2:CreateSnapshots', `${own}:volume/${data}`],
      ['ec2:CreateSnapshots', snapshots],
      ['ec2:CreateSnapshots', snapshots],
      ['ec2:CreateTags', snapshots],
    ]);
    expect(region.iam.asked[0]?.context).toMatchObject({
      'aws:ResourceTag/team': 'red',
      'ec2:InstanceID': id,
    });
    expect(region.iam.asked[3]?.context).toMatchObject({
      'aws:RequestTag/run': '1',
      'ec2:ParentVolume': `${own}:volume/${root}`,
    });
    expect(region.iam.asked[5]?.context).toMatchObject({ 'ec2:CreateAction': 'CreateSnapshots' });
  });

  test('tags that are only copied need the right to tag too', async () => {
    const { region, create } = settled({}, { volumes: [{ tags: { mount: '/' } }] });
    region.iam.forbidden.add('ec2:CreateTags');
    expect(await region.codeOf('CreateSnapshots', create({}, { CopyTagsFromSource: 'volume' }))).toBe(
      'UnauthorizedOperation',
    );
    expect(await region.codeOf('CreateSnapshots', create())).toBe('none');
  });

  test('refuses what cannot be left out, or leaves nothing', async () => {
    const { region, id, create } = settled();
    const [root, ...data] = await volumesOf(region, id);
    const code = (specification: object) => region.codeOf('CreateSnapshots', create(specification));
    expect(await code({ ExcludeDataVolumeIds: [root] })).toBe('InvalidParameterValue');
    expect(await code({ ExcludeDataVolumeIds: ['vol-01234567'] })).toBe('InvalidParameterValue');
    const many = Array.from({ length: 41 }, () => data[0]);
    expect(await code({ ExcludeDataVolumeIds: many })).toBe('InvalidParameterValue');
    expect(await code({ ExcludeBootVolume: true, ExcludeDataVolumeIds: data })).toBe('InvalidParameterValue');
    expect(await code({ InstanceId: 'i-01234567' })).toBe('InvalidInstanceID.NotFound');
    const wrong = { TagSpecifications: [{ ResourceType: 'image', Tags: [] }] };
    expect(await region.codeOf('CreateSnapshots', create({}, wrong))).toBe('InvalidParameterValue');
    expect((await region.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots).toEqual([]);
  });

  test('refuses instances that are coming or gone', async () => {
    const region = new Region();
    const InstanceId = await region.launch();
    const request = { InstanceSpecification: { InstanceId } };
    expect(await region.codeOf('CreateSnapshots', request)).toBe('IncorrectInstanceState');
    await region.until(`${InstanceId}:running`);
    expect(await region.codeOf('CreateSnapshots', request)).toBe('none');
    await region.call('TerminateInstances', { InstanceIds: [InstanceId] });
    expect(await region.codeOf('CreateSnapshots', request)).toBe('IncorrectInstanceState');
    await region.until(`${InstanceId}:terminated`);
    expect(await region.codeOf('CreateSnapshots', request)).toBe('IncorrectInstanceState');
  });

  test('an instance with an instance-store root gives its data volumes, but no image, and does not stop', async () => {
    const { region, id, create } = settled({}, { rootDevice: 'instance-store' });
    expect((await region.call('CreateSnapshots', create())).Snapshots).toHaveLength(2);
    const image = { InstanceId: id, Name: 'copy' };
    expect(await region.codeOf('CreateImage', image)).toBe('UnsupportedOperation');
    expect(await region.codeOf('StopInstances', { InstanceIds: [id] })).toBe('UnsupportedOperation');
  });
});

describe('limits of snapshots', () => {
  test('a volume has 15 seconds between two', async () => {
    const { region, create } = settled();
    await region.call('CreateSnapshots', create());
    await region.pass(14.9);
    expect(await region.codeOf('CreateSnapshots', create())).toBe('SnapshotCreationPerVolumeRateExceeded');
    await region.pass(0.1);
    expect(await region.codeOf('CreateSnapshots', create())).toBe('none');
  });

  test('a volume has five pending, of the types st1 and sc1 one', async () => {
    for (const [type, most] of [
      ['gp3', 5],
      ['io2', 5],
      ['st1', 1],
      ['sc1', 1],
    ] as const) {
      const { region, create } = settled({ snapshotCompleted: [600, 600] }, { volumes: [{}, { type }] });
      const request = create({ ExcludeBootVolume: true });
      for (let count = 0; count < most; count++) {
        expect(await region.codeOf('CreateSnapshots', request)).toBe('none');
        await region.pass(15);
      }
      expect(await region.codeOf('CreateSnapshots', request)).toBe('ConcurrentSnapshotLimitExceeded');
      await region.pass(600 - 15 * most);
      expect(await region.codeOf('CreateSnapshots', request)).toBe('none');
    }
  });

  test('a Region has a quota of snapshots', async () => {
    const { region, id, create } = settled({ snapshotsPerRegion: 5 });
    await region.call('CreateSnapshots', create());
    await region.pass(300);
    expect(await region.codeOf('CreateSnapshots', create())).toBe('SnapshotLimitExceeded');
    expect(await region.codeOf('CreateImage', { InstanceId: id, Name: 'copy' })).toBe(
      'SnapshotLimitExceeded',
    );
    expect(await region.codeOf('CreateSnapshots', create({ ExcludeBootVolume: true }))).toBe('none');
  });

  test('a Region has a quota of images, in which the public ones do not count', async () => {
    const { region, id } = settled({ imagesPerRegion: 1 });
    expect(region.image).toMatch(/^ami-/);
    const { ImageId } = await region.call('CreateImage', { InstanceId: id, Name: 'one', NoReboot: true });
    const second = { InstanceId: id, Name: 'two', NoReboot: true };
    await expect(region.call('CreateImage', second)).rejects.toThrow(
      'You have reached your quota of 1 for the number of images allowed in this Region.',
    );
    expect(await region.codeOf('CreateImage', second)).toBe('ResourceLimitExceeded');
    await region.call('DeregisterImage', { ImageId });
    expect(await region.codeOf('CreateImage', second)).toBe('none');
  });
});

describe('progress that is bimodal', () => {
  test('half of the images take the shortest time, and half the longest', async () => {
    const region = new Region({ snapshotProgress: 'bimodal', imageAvailable: [100, 1000] });
    const ids = region.ec2.seedFleet({ count: 40, volumes: [{}] });
    const from = region.clock.now();
    const images: string[] = [];
    for (const InstanceId of ids)
      images.push(
        (await region.call('CreateImage', { InstanceId, Name: InstanceId, NoReboot: true })).ImageId,
      );
    await region.pass(1001);
    const took = images.map((id) => ((region.account.timeline.at(`${id}:available`) ?? 0) - from) / 1000);
    expect(new Set(took)).toEqual(new Set([100, 1000]));
    expect(took.filter((seconds) => seconds === 100).length).toBeGreaterThan(10);
    expect(took.filter((seconds) => seconds === 1000).length).toBeGreaterThan(10);
  });
});
