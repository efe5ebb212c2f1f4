import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

describe('RunInstances', () => {
  test('pending, running after 10-20 s, checked 90-180 s later; what it was launched with shows', async () => {
    const region = new Region();
    const id = await region.launch({
      PrivateIpAddress: '10.255.255.77',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      UserData: Buffer.from('#!/bin/sh').toString('base64'),
      DisableApiTermination: true,
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'a', Value: '1' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'b', Value: '2' }] },
      ],
    });
    expect((await region.describe(id)).State).toEqual({ Name: 'pending', Code: 0 });
    const seconds = await region.until(`${id}:running`);
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThanOrEqual(20);
    const status = async () =>
      (await region.call('DescribeInstanceStatus', { InstanceIds: [id] })).InstanceStatuses[0].InstanceStatus
        .Status;
    expect(await status()).toBe('initializing');
    await region.until(`${id}:status-ok`);
    expect(region.between(`${id}:running`, `${id}:status-ok`)).toBeGreaterThanOrEqual(90);
    expect(region.between(`${id}:running`, `${id}:status-ok`)).toBeLessThanOrEqual(180);
    expect(await status()).toBe('ok');

    const instance = await region.describe(id);
    expect(instance).toMatchObject({
      State: { Name: 'running', Code: 16 },
      InstanceType: 't4g.small',
      SubnetId: region.subnetId,
      VpcId: region.vpcId,
      PrivateIpAddress: '10.255.255.77',
      SecurityGroups: [{ GroupId: region.instanceGroup }],
      IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/sandbox' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      RootDeviceName: '/dev/xvda',
      Tags: [{ Key: 'a', Value: '1' }],
    });
    const devices = instance.BlockDeviceMappings.map((one: { DeviceName: string }) => one.DeviceName);
    expect(devices).toEqual(['/dev/xvda', '/dev/sdf', '/dev/sdg']);
    const VolumeIds = instance.BlockDeviceMappings.map(
      (one: { Ebs: { VolumeId: string } }) => one.Ebs.VolumeId,
    );
    const { Volumes } = await region.call('DescribeVolumes', { VolumeIds });
    expect(Volumes[0]).toMatchObject({
      Size: 8,
      VolumeType: 'gp3',
      Encrypted: true,
      KmsKeyId: region.keyArn,
    });
    expect(Volumes[1]).toMatchObject({ Size: 1, State: 'in-use', Tags: [{ Key: 'b', Value: '2' }] });
    expect(Volumes[1].Attachments).toMatchObject([{ InstanceId: id, Device: '/dev/sdf', State: 'attached' }]);
    expect(region.host.events).toEqual([`boot ${id} ${VolumeIds.join(' ')}`]);

    const attribute = (Attribute: string) =>
      region.call('DescribeInstanceAttribute', { InstanceId: id, Attribute });
    expect((await attribute('userData')).UserData.Value).toBe('IyEvYmluL3No');
    expect((await attribute('disableApiTermination')).DisableApiTermination.Value).toBe(true);
  });

  test('the same client token gives the same instance, another request with it is refused', async () => {
    const region = new Region();
    const request = region.launchRequest({ ClientToken: 'run-1', PrivateIpAddress: '10.255.255.77' });
    const first = await region.call('RunInstances', request);
    const again = await region.call('RunInstances', request);
    expect(again.Instances[0].InstanceId).toBe(first.Instances[0].InstanceId);
    expect((await region.call('DescribeInstances')).Reservations).toHaveLength(1);
    expect(await region.codeOf('RunInstances', { ...request, InstanceType: 't4g.nano' })).toBe(
      'IdempotentParameterMismatch',
    );
  });

  test('network interfaces say the same as subnet and groups', async () => {
    const region = new Region();
    const card = {
      DeviceIndex: 0,
      SubnetId: region.subnetId,
      Groups: [region.instanceGroup],
      PrivateIpAddress: '10.255.255.9',
    };
    const none = { SubnetId: undefined, SecurityGroupIds: undefined };
    const id = await region.launch({ NetworkInterfaces: [card], ...none });
    expect(await region.describe(id)).toMatchObject({
      SubnetId: region.subnetId,
      PrivateIpAddress: '10.255.255.9',
      SecurityGroups: [{ GroupId: region.instanceGroup }],
    });
    expect(await region.codeOf('RunInstances', region.launchRequest({ NetworkInterfaces: [card] }))).toBe(
      'InvalidParameterCombination',
    );
  });

  test('a group of another VPC is refused', async () => {
    const region = new Region();
    const VpcId = region.ec2.network.createVpc({ CidrBlock: '10.1.0.0/24' });
    const group = region.ec2.network.createSecurityGroup({ VpcId, GroupDescription: 'elsewhere' });
    expect(await region.codeOf('RunInstances', region.launchRequest({ SecurityGroupIds: [group] }))).toBe(
      'InvalidParameter',
    );
  });

  test('waits for the data of a public image that was only now asked for', async () => {
    const region = new Region();
    const { host } = region;
    const make = host.createBaseImage.bind(host);
    host.createBaseImage = async (id) => {
      await new Promise((resolve) => setImmediate(resolve));
      await make(id);
    };
    const id = await region.running();
    expect((await region.describe(id)).State.Name).toBe('running');
  });

  const sdf = { DeviceName: '/dev/sdf' };
  test.each([
    ['InvalidAMIID.NotFound', { ImageId: 'ami-0123456789abcdef0' }],
    ['InvalidAMIID.Malformed', { ImageId: 'image-1' }],
    ['InvalidSubnetID.NotFound', { SubnetId: 'subnet-0123456789abcdef0' }],
    ['InvalidGroup.NotFound', { SecurityGroupIds: ['sg-0123456789abcdef0'] }],
    ['InvalidParameterValue', { IamInstanceProfile: { Name: 'nobody' } }],
    ['InvalidParameterValue', { PrivateIpAddress: '10.0.0.1' }],
    ['InvalidParameterValue', { InstanceType: 't3.small' }], // x86_64, the image is arm64
    ['InvalidParameterValue', { InstanceType: 'small' }],
    ['InvalidParameterValue', { UserData: '#!/bin/sh' }],
    ['InvalidParameterValue', { MaxCount: 0 }],
    ['InvalidKeyPair.NotFound', { KeyName: 'mine' }],
    ['InvalidParameterValue', { TagSpecifications: [{ ResourceType: 'image', Tags: [] }] }],
    [
      'InvalidBlockDeviceMapping',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
    ],
    ['InvalidSnapshot.NotFound', { BlockDeviceMappings: [{ ...sdf, Ebs: { SnapshotId: 'snap-01234567' } }] }],
    [
      'InvalidParameterDependency',
      { BlockDeviceMappings: [{ ...sdf, Ebs: { VolumeSize: 1, KmsKeyId: 'k' } }] },
    ],
    ['MissingParameter', { BlockDeviceMappings: [{ ...sdf, Ebs: {} }] }],
    ['DryRunOperation', { DryRun: true }],
  ])('%s for %j, and nothing is made', async (code, wrong) => {
    const region = new Region();
    expect(await region.codeOf('RunInstances', region.launchRequest(wrong))).toBe(code);
    expect((await region.call('DescribeInstances')).Reservations).toEqual([]);
    expect(region.host.volumes.size).toBe(0);
  });

  test('an address is given once, and free again after the termination', async () => {
    const region = new Region();
    const PrivateIpAddress = '10.255.255.77';
    const first = await region.running({ PrivateIpAddress });
    const second = region.launchRequest({ PrivateIpAddress });
    expect(await region.codeOf('RunInstances', second)).toBe('InvalidIPAddress.InUse');
    await region.call('TerminateInstances', { InstanceIds: [first] });
    expect(await region.codeOf('RunInstances', second)).toBe('InvalidIPAddress.InUse');
    await region.until(`${first}:terminated`);
    expect(await region.codeOf('RunInstances', second)).toBe('none');
  });

  test.each(['CreateGrant', 'GenerateDataKeyWithoutPlaintext', 'Decrypt', 'DescribeKey'])(
    'without kms:%s it succeeds, and the instance goes to terminated',
    async (action) => {
      const region = new Region();
      region.iam.forbidden.add(`kms:${action}`);
      const id = await region.launch();
      await region.until(`${id}:terminated`);
      const { State, StateReason } = await region.describe(id);
      expect([State.Name, StateReason]).toEqual([
        'terminated',
        { Code: 'Client.InternalError', Message: 'Client.InternalError: Client error on launch' },
      ]);
      expect(region.account.timeline.at(`${id}:running`)).toBeUndefined();
      expect(region.host.volumes.size).toBe(0);
    },
  );

  test('the grant is asked for as AWS does it', async () => {
    const region = new Region();
    await region.launch();
    expect(region.iam.asked).toContainEqual({
      action: 'kms:CreateGrant',
      resource: region.keyArn,
      context: {
        'kms:ViaService': 'ec2.eu-west-1.amazonaws.com',
        'kms:CallerAccount': '123456789012',
        'kms:GrantIsForAWSResource': 'true',
      },
    });
  });

  test('a volume that is to be missing is left out of a copy, once, and of a public image never', async () => {
    const region = new Region();
    region.host.corrupt = { kind: 'volume' };
    const source = await region.running();
    expect((await region.describe(source)).BlockDeviceMappings).toHaveLength(3);
    const { ImageId } = await region.call('CreateImage', {
      InstanceId: source,
      Name: 'copy',
      NoReboot: true,
    });
    await region.until(`${ImageId}:available`);
    const devices = async () => {
      const instance = await region.describe(await region.launch({ ImageId, BlockDeviceMappings: [] }));
      return instance.BlockDeviceMappings.map((one: { DeviceName: string }) => one.DeviceName);
    };
    expect(await devices()).toEqual(['/dev/xvda', '/dev/sdf']);
    expect(region.host.corrupt).toBeUndefined();
    expect(await devices()).toEqual(['/dev/xvda', '/dev/sdf', '/dev/sdg']);
  });
});

describe('stop, start, terminate', () => {
  test('stops after 20-60 s, starts again with the same volumes', async () => {
    const region = new Region();
    const id = await region.running();
    const { StoppingInstances } = await region.call('StopInstances', { InstanceIds: [id] });
    expect(StoppingInstances).toEqual([
      {
        InstanceId: id,
        PreviousState: { Name: 'running', Code: 16 },
        CurrentState: { Name: 'stopping', Code: 64 },
      },
    ]);
    expect(await region.codeOf('StartInstances', { InstanceIds: [id] })).toBe('IncorrectInstanceState');
    const seconds = await region.until(`${id}:stopped`);
    expect(seconds).toBeGreaterThanOrEqual(20);
    expect(seconds).toBeLessThanOrEqual(60);
    await region.call('StopInstances', { InstanceIds: [id] });
    await region.call('StartInstances', { InstanceIds: [id] });
    await region.pass(20);
    expect((await region.describe(id)).State.Name).toBe('running');
    const [first, down, second] = region.host.events;
    expect([down, second]).toEqual([`shutdown ${id}`, first]);
  });

  test('a start without the right to the key falls back to stopped', async () => {
    const region = new Region();
    const id = await region.running();
    await region.call('StopInstances', { InstanceIds: [id] });
    await region.until(`${id}:stopped`);
    region.iam.forbidden.add('kms:CreateGrant');
    await region.call('StartInstances', { InstanceIds: [id] });
    expect((await region.describe(id)).State.Name).toBe('pending');
    await region.pass(20);
    const { State, StateReason } = await region.describe(id);
    expect([State.Name, StateReason.Code]).toEqual(['stopped', 'Client.InternalError']);
  });

  test('a termination keeps the volumes that are to stay, and is billed', async () => {
    const region = new Region();
    const keep = { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, DeleteOnTermination: false } };
    const id = await region.running({ BlockDeviceMappings: [keep] });
    const [, kept] = (await region.describe(id)).BlockDeviceMappings;
    await region.pass(3600);
    await region.call('TerminateInstances', { InstanceIds: [id] });
    expect((await region.describe(id)).State.Name).toBe('shutting-down');
    const seconds = await region.until(`${id}:terminated`);
    expect(seconds).toBeGreaterThanOrEqual(20);
    expect(seconds).toBeLessThanOrEqual(60);
    const gone = await region.describe(id);
    expect([gone.State.Name, gone.BlockDeviceMappings, gone.PrivateIpAddress]).toEqual([
      'terminated',
      [],
      undefined,
    ]);
    expect([...region.host.volumes.keys()]).toEqual([kept.Ebs.VolumeId]);
    const { Volumes } = await region.call('DescribeVolumes');
    expect(Volumes).toMatchObject([{ VolumeId: kept.Ebs.VolumeId, State: 'available', Attachments: [] }]);
    expect(await region.codeOf('TerminateInstances', { InstanceIds: [id] })).toBe('none');
    expect(await region.codeOf('StopInstances', { InstanceIds: [id] })).toBe('IncorrectInstanceState');
    expect(region.account.meter.units.get('ec2:hour')).toBeCloseTo(1 + seconds / 3600, 2);
    await region.call('DeleteVolume', { VolumeId: kept.Ebs.VolumeId });
    expect(region.host.volumes.size).toBe(0);
    await region.pass(3600);
    expect(await region.codeOf('DescribeInstances', { InstanceIds: [id] })).toBe(
      'InvalidInstanceID.NotFound',
    );
  });

  test('termination protection holds for all that the call names', async () => {
    const region = new Region();
    const safe = await region.running({ DisableApiTermination: true });
    const other = await region.running();
    expect(await region.codeOf('TerminateInstances', { InstanceIds: [other, safe] })).toBe(
      'OperationNotPermitted',
    );
    expect((await region.describe(other)).State.Name).toBe('running');
  });

  test('volumes in use and ids that are none are refused', async () => {
    const region = new Region();
    const id = await region.running();
    const [{ Ebs }] = (await region.describe(id)).BlockDeviceMappings;
    expect(await region.codeOf('DeleteVolume', { VolumeId: Ebs.VolumeId })).toBe('VolumeInUse');
    expect(await region.codeOf('DeleteVolume', { VolumeId: 'vol-01234567' })).toBe('InvalidVolume.NotFound');
    expect(await region.codeOf('StopInstances', { InstanceIds: ['i-01234567'] })).toBe(
      'InvalidInstanceID.NotFound',
    );
    expect(await region.codeOf('StopInstances', { InstanceIds: ['x'] })).toBe('InvalidInstanceID.Malformed');
  });
});
