import { describe, expect, test } from '@jest/globals';
import type { Physics } from '../../../../local/account/physics.ts';
import { Region } from './region.ts';

/** A running instance that has been up for long, and the ids of its volumes. */
async function settled(physics: Partial<Physics> = {}, more: object = {}) {
  const region = new Region(physics);
  await region.createEndpoints();
  await region.pass(120);
  const id = await region.running(more);
  await region.until(`${id}:status-ok`);
  const mappings = (await region.describe(id)).BlockDeviceMappings;
  const volumes: string[] = mappings.map((one: { Ebs: { VolumeId: string } }) => one.Ebs.VolumeId);
  return { region, id, volumes };
}

async function createImage(region: Region, InstanceId: string, more: object = {}): Promise<string> {
  const input = { InstanceId, Name: 'copy', NoReboot: true, ...more };
  return (await region.call('CreateImage', input)).ImageId;
}

async function snapshotsOf(region: Region, ImageId: string) {
  const { Images } = await region.call('DescribeImages', { ImageIds: [ImageId] });
  const SnapshotIds = Images[0].BlockDeviceMappings.flatMap(
    (one: { Ebs: { SnapshotId?: string } }) => one.Ebs.SnapshotId ?? [],
  );
  if (SnapshotIds.length === 0) return [];
  return (await region.call('DescribeSnapshots', { SnapshotIds })).Snapshots;
}

describe('CreateImage', () => {
  test('takes each volume as it is 5-20 s later, and is available after 4-7 minutes', async () => {
    const { region, id, volumes } = await settled();
    const asked = region.clock.now();
    const tags = [{ Key: 'run', Value: '1' }];
    const ImageId = await createImage(region, id, {
      TagSpecifications: [
        { ResourceType: 'image', Tags: tags },
        { ResourceType: 'snapshot', Tags: tags },
      ],
    });
    region.host.volumes.set(String(volumes[1]), 'written after the call');
    expect(await snapshotsOf(region, ImageId)).toEqual([]);
    await region.pass(4);
    expect(await snapshotsOf(region, ImageId)).toEqual([]);
    await region.pass(16);
    const pending = await snapshotsOf(region, ImageId);
    expect(pending).toHaveLength(3);
    for (const snapshot of pending) {
      const after = (snapshot.StartTime.getTime() - asked) / 1000;
      expect(after).toBeGreaterThanOrEqual(5);
      expect(after).toBeLessThanOrEqual(20);
      expect(region.account.timeline.at(`${ImageId}:snapshot-of-${snapshot.VolumeId}`)).toBe(
        snapshot.StartTime.getTime(),
      );
    }
    expect(pending[1]).toMatchObject({
      VolumeId: volumes[1],
      VolumeSize: 1,
      State: 'pending',
      Encrypted: true,
      KmsKeyId: region.keyArn,
      OwnerId: '123456789012',
      Description: `Created by CreateImage(${id}) for ${ImageId}`,
      Tags: tags,
    });
    expect(region.host.snapshots.get(pending[1].SnapshotId)).toBe('written after the call');

    await region.until(`${ImageId}:available`);
    const seconds = (region.clock.now() - asked) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(240);
    expect(seconds).toBeLessThanOrEqual(421);
    const { Images } = await region.call('DescribeImages', { ImageIds: [ImageId] });
    expect(Images[0]).toMatchObject({
      State: 'available',
      Name: 'copy',
      OwnerId: '123456789012',
      RootDeviceName: '/dev/xvda',
      SourceInstanceId: id,
      CreationDate: new Date(asked).toISOString(),
      Tags: tags,
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, Encrypted: true, VolumeType: 'gp3' } },
        { DeviceName: '/dev/sdf', Ebs: { SnapshotId: pending[1].SnapshotId, VolumeSize: 1 } },
        { DeviceName: '/dev/sdg', Ebs: { VolumeSize: 1, DeleteOnTermination: true } },
      ],
    });
    for (const snapshot of await snapshotsOf(region, ImageId)) {
      expect([snapshot.State, snapshot.Progress]).toEqual(['completed', '100%']);
      const before = region.between(`${snapshot.SnapshotId}:completed`, `${ImageId}:available`);
      expect(before).toBeGreaterThanOrEqual(2);
      expect(before).toBeLessThanOrEqual(10);
    }
    expect(region.host.events).toHaveLength(1); // nothing but the first boot
  });

  test('without NoReboot a running instance goes down, is taken, and boots again', async () => {
    const { region, id, volumes } = await settled();
    const checks = async () => {
      const { InstanceStatuses } = await region.call('DescribeInstanceStatus', { InstanceIds: [id] });
      return [
        InstanceStatuses[0].InstanceState.Name,
        InstanceStatuses[0].InstanceStatus.Status,
        region.ec2.agentOnline(id),
      ];
    };
    expect(await checks()).toEqual(['running', 'ok', true]);
    const ImageId = await createImage(region, id, { NoReboot: false });
    const asked = region.clock.now();
    expect(await checks()).toEqual(['running', 'initializing', false]);
    await region.pass(41);
    expect(region.host.events).toEqual([
      `boot ${id} ${volumes.join(' ')}`,
      `shutdown ${id}`,
      `boot ${id} ${volumes.join(' ')}`,
    ]);
    expect(await snapshotsOf(region, ImageId)).toHaveLength(3);
    expect(await checks()).toEqual(['running', 'initializing', false]);
    await region.pass(40);
    expect(await checks()).toEqual(['running', 'initializing', true]);
    await region.pass(140);
    expect(await checks()).toEqual(['running', 'ok', true]);
    expect(region.account.timeline.at(`${id}:online`)).toBeGreaterThan(asked + 40_000);
    expect(region.account.timeline.at(`${id}:status-ok`)).toBeGreaterThan(asked + 110_000);
  });

  test('of a stopped instance nothing boots', async () => {
    const { region, id } = await settled();
    await region.call('StopInstances', { InstanceIds: [id] });
    await region.until(`${id}:stopped`);
    const ImageId = await createImage(region, id, { NoReboot: false });
    await region.until(`${ImageId}:available`);
    expect(region.host.events.slice(1)).toEqual([`shutdown ${id}`]);
    expect((await region.describe(id)).State.Name).toBe('stopped');
  });

  test.each([
    ['InvalidAMIName.Malformed', { Name: 'a' }],
    ['InvalidAMIName.Malformed', { Name: 'a:b:c' }],
    ['InvalidInstanceID.NotFound', { InstanceId: 'i-01234567' }],
    ['InvalidParameterValue', { TagSpecifications: [{ ResourceType: 'volume', Tags: [] }] }],
    ['InvalidBlockDeviceMapping', { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', NoDevice: '' }] }],
    ['DryRunOperation', { DryRun: true }],
  ])('%s for %j', async (code, wrong) => {
    const { region, id } = await settled();
    expect(await region.codeOf('CreateImage', { InstanceId: id, Name: 'copy', ...wrong })).toBe(code);
    expect((await region.call('DescribeImages', { Owners: ['self'] })).Images).toEqual([]);
  });

  test('names are unique until the image is deregistered, and say whose they are', async () => {
    const { region, id } = await settled();
    const ImageId = await createImage(region, id);
    await expect(createImage(region, id)).rejects.toThrow(
      `AMI name copy is already in use by AMI ${ImageId}`,
    );
    expect(await region.codeOf('CreateImage', { InstanceId: id, Name: 'copy' })).toBe(
      'InvalidAMIName.Duplicate',
    );
    await region.call('DeregisterImage', { ImageId });
    expect(await createImage(region, id)).not.toBe(ImageId);
  });

  test('a pending or terminated instance is refused', async () => {
    const region = new Region();
    const InstanceId = await region.launch();
    expect(await region.codeOf('CreateImage', { InstanceId, Name: 'copy' })).toBe('IncorrectInstanceState');
    await region.call('TerminateInstances', { InstanceIds: [InstanceId] });
    await region.until(`${InstanceId}:terminated`);
    expect(await region.codeOf('CreateImage', { InstanceId, Name: 'copy' })).toBe('IncorrectInstanceState');
  });

  test('a volume has at most five pending snapshots', async () => {
    const { region, id } = await settled();
    for (const Name of ['one', 'two', 'three', 'four', 'five']) await createImage(region, id, { Name });
    await region.pass(21);
    const sixth = { InstanceId: id, Name: 'six' };
    expect(await region.codeOf('CreateImage', sixth)).toBe('ConcurrentSnapshotLimitExceeded');
    await region.pass(420);
    expect(await region.codeOf('CreateImage', sixth)).toBe('none');
  });

  test('it fails when the instance is terminated before its volumes are taken', async () => {
    const { region, id } = await settled({ instanceTerminated: [1, 1] });
    const ImageId = await createImage(region, id);
    await region.call('TerminateInstances', { InstanceIds: [id] });
    await region.until(`${ImageId}:failed`);
    const { Images } = await region.call('DescribeImages', { ImageIds: [ImageId] });
    expect(Images[0].State).toBe('failed');
    expect(await region.codeOf('RunInstances', region.launchRequest({ ImageId }))).toBe(
      'InvalidAMIID.Unavailable',
    );
  });

  test('a launch from a pending image is refused', async () => {
    const { region, id } = await settled();
    const ImageId = await createImage(region, id);
    expect(await region.codeOf('RunInstances', region.launchRequest({ ImageId }))).toBe(
      'InvalidAMIID.Unavailable',
    );
  });
});

describe('progress', () => {
  test.each([
    ['steady', ['10%', '50%', '90%']],
    ['zero', ['0%', '0%', '0%']],
    ['stuck99', ['99%', '99%', '99%']],
    ['empty', ['', '', '']],
    ['jump', ['0%', '0%', '90%']],
  ] as const)('%s', async (snapshotProgress, expected) => {
    const { region, id } = await settled({
      snapshotProgress,
      snapshotStarted: [10, 10],
      imageAvailable: [110, 110],
      snapshotCompletedBefore: [0, 0],
    });
    const ImageId = await createImage(region, id);
    const seen: string[] = [];
    for (const seconds of [20, 40, 40]) {
      await region.pass(seconds);
      seen.push((await snapshotsOf(region, ImageId))[0].Progress);
    }
    expect(seen).toEqual(expected);
    await region.pass(10);
    expect((await snapshotsOf(region, ImageId))[0].Progress).toBe('100%');
  });
});

describe('DeregisterImage and DeleteSnapshot', () => {
  test('snapshots stay unless they are asked for, and then each is told about', async () => {
    const { region, id } = await settled();
    const ImageId = await createImage(region, id);
    await region.until(`${ImageId}:available`);
    const ids = (await snapshotsOf(region, ImageId)).map((one: { SnapshotId: string }) => one.SnapshotId);
    expect(await region.codeOf('DeleteSnapshot', { SnapshotId: ids[0] })).toBe('InvalidSnapshot.InUse');
    expect(await region.call('DeregisterImage', { ImageId })).toEqual({ Return: true });
    expect(await region.codeOf('DescribeImages', { ImageIds: [ImageId] })).toBe('InvalidAMIID.NotFound');
    expect(await region.codeOf('DeregisterImage', { ImageId })).toBe('InvalidAMIID.NotFound');
    await region.call('DeleteSnapshot', { SnapshotId: ids[0] });
    expect(await region.codeOf('DeleteSnapshot', { SnapshotId: ids[0] })).toBe('InvalidSnapshot.NotFound');
    expect(region.host.snapshots.has(ids[0])).toBe(false);
    expect(region.host.snapshots.has(ids[1])).toBe(true);
  });

  test('without the right to a snapshot the image goes and the snapshot stays', async () => {
    const { region, id } = await settled();
    const ImageId = await createImage(region, id);
    await region.until(`${ImageId}:available`);
    region.iam.forbidden.add('ec2:DeleteSnapshot');
    const answer = await region.call('DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true });
    expect(answer.DeleteSnapshotResults.map((one: { ReturnCode: string }) => one.ReturnCode)).toEqual([
      'missing-permissions',
      'missing-permissions',
      'missing-permissions',
    ]);
    expect((await region.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots).toHaveLength(3);
    expect((await region.call('DescribeImages', { Owners: ['self'] })).Images).toEqual([]);
  });

  test("the public image is nobody's to deregister, and its snapshot is not seen", async () => {
    const region = new Region();
    expect(await region.codeOf('DeregisterImage', { ImageId: region.image })).toBe('AuthFailure');
    expect((await region.call('DescribeSnapshots')).Snapshots).toEqual([]);
    const { Images } = await region.call('DescribeImages', { Owners: ['amazon'] });
    expect(Images).toMatchObject([{ ImageId: region.image, Public: true, Architecture: 'arm64' }]);
    expect(region.ec2.publicImageId('/aws/service/other')).toBeUndefined();
  });
});
