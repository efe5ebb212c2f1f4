import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

const byTag = (key: string, ...Values: string[]) => ({ Filters: [{ Name: `tag:${key}`, Values }] });

/** Every page of a describe call. */
async function pages(region: Region, operation: string, member: string, input: object) {
  const sizes: number[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: items differ by operation
  const items: any[] = [];
  for (let NextToken: string | undefined; sizes.length === 0 || NextToken !== undefined; ) {
    const answer = await region.call(operation, { ...input, ...(NextToken && { NextToken }) });
    items.push(...answer[member]);
    sizes.push(answer[member].length);
    NextToken = answer.NextToken;
  }
  return { items, pages: sizes };
}

describe('seedFleet', () => {
  test('makes instances that have been there for a day, with volumes, at once', async () => {
    const region = new Region();
    const [id = ''] = region.ec2.seedFleet({
      count: 1,
      tags: { backup: 'nightly' },
      volumes: [{ size: 20 }, { size: 500, type: 'st1', tags: { role: 'archive' }, kmsKeyId: region.keyArn }],
    });
    const instance = await region.describe(id);
    expect(instance).toMatchObject({
      State: { Name: 'running' },
      LaunchTime: new Date(region.clock.now() - 86_400_000),
      RootDeviceName: '/dev/xvda',
      Tags: [{ Key: 'backup', Value: 'nightly' }],
    });
    const { Volumes } = await region.call('DescribeVolumes', {
      Filters: [{ Name: 'attachment.instance-id', Values: [id] }],
    });
    expect(Volumes).toMatchObject([
      { Size: 20, VolumeType: 'gp3', Encrypted: false, Tags: [] },
      { Size: 500, VolumeType: 'st1', KmsKeyId: region.keyArn, Tags: [{ Key: 'role', Value: 'archive' }] },
    ]);
    expect(instance.BlockDeviceMappings.map((one: { DeviceName: string }) => one.DeviceName)).toEqual([
      '/dev/xvda',
      '/dev/sdf',
    ]);
  });

  test('makes stopped ones, and ones whose agents are online', () => {
    const region = new Region();
    const [running = ''] = region.ec2.seedFleet({ count: 1, profile: 'sandbox' });
    const [stopped = ''] = region.ec2.seedFleet({ count: 1, profile: 'sandbox', state: 'stopped' });
    const [deaf = ''] = region.ec2.seedFleet({ count: 1 });
    expect([running, stopped, deaf].map((id) => region.ec2.agentOnline(id))).toEqual([true, false, false]);
  });

  test('they stop, start and are imaged as others are', async () => {
    const region = new Region();
    const [id = ''] = region.ec2.seedFleet({ count: 1, profile: 'sandbox' });
    const { ImageId } = await region.call('CreateImage', { InstanceId: id, Name: 'copy' });
    await region.until(`${ImageId}:available`);
    expect(region.ec2.agentOnline(id)).toBe(true); // rebooted
    await region.call('StopInstances', { InstanceIds: [id] });
    await region.until(`${id}:stopped`);
    await region.call('StartInstances', { InstanceIds: [id] });
    await region.until(`${id}:running`);
    await region.call('TerminateInstances', { InstanceIds: [id] });
    await region.until(`${id}:terminated`);
    expect((await region.call('DescribeVolumes', { MaxResults: 1000 })).Volumes).toEqual([]);
  });

  test('a filter by tag finds its part of a fleet in pages, in the order of making', async () => {
    const region = new Region();
    const tags = (index: number) => ({ number: `${index}`, half: index < 1500 ? 'first' : 'second' });
    const ids = region.ec2.seedFleet({ count: 3000, volumes: [], tags });
    const half = await pages(region, 'DescribeInstances', 'Reservations', {
      ...byTag('half', 'second'),
      MaxResults: 1000,
    });
    expect(half.pages).toEqual([1000, 500]);
    expect(half.items.map((one) => one.Instances[0].InstanceId)).toEqual(ids.slice(1500));
    const few = await region.call('DescribeInstances', byTag('number', '2999', '7', '4000'));
    const found = few.Reservations.map((one: { Instances: [{ InstanceId: string }] }) => one.Instances[0]);
    expect(found.map((one: { InstanceId: string }) => one.InstanceId)).toEqual([ids[7], ids[2999]]);
  });
});

describe('an index by tag', () => {
  test('follows what CreateTags changes and what is terminated, with and without wildcards', async () => {
    const region = new Region();
    const [one = '', two = ''] = region.ec2.seedFleet({ count: 2, tags: { team: 'red' } });
    const withTag = async (...values: string[]) => {
      const { Reservations } = await region.call('DescribeInstances', byTag('team', ...values));
      return Reservations.map(
        (each: { Instances: [{ InstanceId: string }] }) => each.Instances[0].InstanceId,
      );
    };
    expect(await withTag('red')).toEqual([one, two]);
    await region.call('CreateTags', { Resources: [one], Tags: [{ Key: 'team', Value: 'blue' }] });
    expect([await withTag('red'), await withTag('blue')]).toEqual([[two], [one]]);
    expect([await withTag('red', 'blue'), await withTag('b*')]).toEqual([[one, two], [one]]);
    region.ec2.tagAsAws(two, 'aws:autoscaling:groupName', 'web');
    const asg = byTag('aws:autoscaling:groupName', 'web');
    expect((await region.call('DescribeInstances', asg)).Reservations).toHaveLength(1);
    await region.call('TerminateInstances', { InstanceIds: [two] });
    await region.until(`${two}:terminated`);
    expect(await withTag('red')).toEqual([two]); // shown for an hour
    await region.pass(3_600);
    expect(await withTag('red')).toEqual([]);
  });
});

describe('seedPoints', () => {
  test('images with their snapshots are there, and go as others do', async () => {
    const region = new Region();
    const [instanceId = ''] = region.ec2.seedFleet({ count: 1 });
    const at = region.clock.now() - 7 * 86_400_000;
    const [point] = region.ec2.seedPoints([
      { capture: 'ami', instanceId, at, tags: { policy: 'nightly' }, snapshotTags: { policy: 'x' } },
    ]);
    const { Images } = await region.call('DescribeImages', byTag('policy', 'nightly'));
    expect(Images).toMatchObject([
      {
        ImageId: point?.imageId,
        State: 'available',
        SourceInstanceId: instanceId,
        CreationDate: new Date(at).toISOString(),
      },
    ]);
    const { Snapshots } = await region.call('DescribeSnapshots', byTag('policy', 'x'));
    expect(Snapshots.map((one: { SnapshotId: string }) => one.SnapshotId)).toEqual(point?.snapshotIds);
    const used = { SnapshotId: point?.snapshotIds[0] };
    expect(await region.codeOf('DeleteSnapshot', used)).toBe('InvalidSnapshot.InUse');
    const answer = await region.call('DeregisterImage', {
      ImageId: point?.imageId,
      DeleteAssociatedSnapshots: true,
    });
    expect(answer.DeleteSnapshotResults).toHaveLength(2);
    expect((await region.call('DescribeSnapshots', byTag('policy', 'x'))).Snapshots).toEqual([]);
  });

  test('sets of snapshots too, of instances that are gone', async () => {
    const region = new Region();
    const [point] = region.ec2.seedPoints([
      { capture: 'snapshots', instanceId: 'i-0123456789abcdef0', at: 0, tags: { set: '1' } },
    ]);
    expect(point?.imageId).toBeUndefined();
    const { Snapshots } = await region.call('DescribeSnapshots', byTag('set', '1'));
    expect(Snapshots).toHaveLength(2);
    expect(await region.codeOf('DeleteSnapshot', { SnapshotId: point?.snapshotIds[1] })).toBe('none');
  });
});
