import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkImage } from '../../../functions/image/checkImage.ts';
import { createImage } from '../../../functions/image/createImage.ts';
import { checkInstance } from '../../../functions/instance/checkInstance.ts';
import { compareFingerprint } from '../../../functions/instance/compareFingerprint.ts';
import { launchFromPoint } from '../../../functions/instance/launchFromPoint.ts';
import { readRestoreInput } from '../../../functions/instance/readRestoreInput.ts';
import { saveFingerprint } from '../../../functions/instance/saveFingerprint.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let instanceId: string;
let imageId: string;
let fingerprintKey: string;

beforeEach(async () => {
  simulated = await Simulated.start();
  instanceId = await simulated.userInstance();
  fingerprintKey = (await simulated.run(saveFingerprint, { runId: 'run-1', instanceId })).key;
  const request = { runId: 'run-1', instanceId, consistency: 'none', fingerprintKey, keep: true };
  imageId = (await simulated.run(createImage, request)).imageId;
  await simulated.until(checkImage, { imageId });
});
afterEach(() => simulated.close());

const launch = (more: object = {}) =>
  simulated.run(launchFromPoint, {
    runId: 'run-2',
    imageId,
    fingerprintKey,
    isolated: true,
    overrides: {},
    tags: {},
    keep: false,
    ...more,
  });
const userData = async (id: string) => {
  const input = { InstanceId: id, Attribute: 'userData' };
  const { UserData } = await simulated.call('ec2', 'DescribeInstanceAttribute', input);
  return UserData?.Value && Buffer.from(UserData.Value, 'base64').toString();
};

describe('the launch fingerprint', () => {
  test('is kept without what the user data says', async () => {
    const { Body } = await simulated.call('s3', 'GetObject', { Bucket: 'evidence', Key: fingerprintKey });
    const text = (await Array.fromAsync<Buffer>(Body)).join('');
    expect(JSON.parse(text)).toMatchObject({
      instanceType: 't4g.small',
      subnetId: simulated.subnetId,
      securityGroupIds: [simulated.groupId],
      instanceProfile: 'web',
      tags: { Name: 'web' },
      volumes: [{ deviceName: '/dev/sdf', sizeGiB: 2, encrypted: true }, { deviceName: '/dev/xvda' }],
    });
    expect(text).not.toContain('secret');
    expect(JSON.parse(text).userDataSha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a copy in the sandbox', () => {
  test('has its own network and profile, no user data, and encrypted volumes', async () => {
    const { instanceId: copy } = await launch();
    const { SubnetId, SecurityGroups, IamInstanceProfile, MetadataOptions } = await simulated.instance(copy);
    expect(SubnetId).toBe(simulated.config.sandbox.subnetId);
    expect(SecurityGroups).toEqual([
      expect.objectContaining({ GroupId: simulated.config.sandbox.instanceSecurityGroup }),
    ]);
    expect(IamInstanceProfile.Arn).toMatch(/\/sandbox$/);
    expect(MetadataOptions.HttpTokens).toBe('required');
    expect(await userData(copy)).toBeUndefined();
    const { Volumes } = await simulated.call('ec2', 'DescribeVolumes', {
      Filters: [{ Name: 'attachment.instance-id', Values: [copy] }],
    });
    expect(Volumes).toHaveLength(2);
    for (const volume of Volumes) expect(volume.Encrypted).toBe(true);
  });

  test('expects its agent only when the sandbox has the endpoints', async () => {
    expect((await launch()).agentExpected).toBe(false);
    await simulated.connect();
    expect((await launch({ runId: 'run-3' })).agentExpected).toBe(true);
  });

  test('launched twice by one run is one instance, and stands in the ledger', async () => {
    const first = await launch();
    expect(await launch()).toEqual(first);
    const { Item } = await simulated.call('dynamodb', 'GetItem', {
      TableName: 'runs',
      Key: { id: { S: 'run-2' }, entry: { S: 'made#instance#restored' } },
    });
    expect(Item).toMatchObject({ resourceId: { S: first.instanceId }, keep: { BOOL: false } });
  });

  test('stands in the ledger before AWS is asked for it', async () => {
    const error = { code: 'InsufficientInstanceCapacity', message: 'none left', status: 500 };
    simulated.account.faults.add({ service: 'ec2', operation: 'RunInstances', error, times: 9 });
    await expect(launch()).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    const { Item } = await simulated.call('dynamodb', 'GetItem', {
      TableName: 'runs',
      Key: { id: { S: 'run-2' }, entry: { S: 'made#instance#restored' } },
    });
    expect(Item).toMatchObject({ keep: { BOOL: false } });
    expect(Item.resourceId).toBeUndefined();
  });

  test('matches the fingerprint but for what the sandbox makes differ', async () => {
    const { instanceId: copy } = await launch();
    await simulated.until(checkInstance, { instanceId: copy, wanted: 'running' });
    const input = { instanceId: copy, fingerprintKey, isolated: true, overrides: {} };
    const { volumes, fingerprint } = await simulated.run(compareFingerprint, input);
    expect(volumes.map(({ deviceName }) => deviceName)).toEqual(['/dev/sdf', '/dev/xvda']);
    for (const { snapshotId } of volumes) expect(snapshotId).toMatch(/^snap-/);
    expect(fingerprint.differences.filter(({ onPurpose }) => !onPurpose)).toEqual([]);
    expect(fingerprint.matches).toBe(true);
  });

  test('of another type than asked does not match', async () => {
    const { instanceId: copy } = await launch({ overrides: { instanceType: 't4g.nano' } });
    const input = { instanceId: copy, fingerprintKey, isolated: true, overrides: {} };
    const { fingerprint } = await simulated.run(compareFingerprint, input);
    expect(fingerprint.matches).toBe(false);
  });
});

describe('a restore in its own place', () => {
  test('takes its address, rights and user data back once they are free', async () => {
    const { PrivateIpAddress } = await simulated.instance(instanceId);
    const inPlace = { isolated: false, keep: true };
    await expect(launch({ ...inPlace, runId: 'run-3' })).rejects.toMatchObject({
      name: 'InvalidIPAddress.InUse',
    });
    await simulated.call('ec2', 'TerminateInstances', { InstanceIds: [instanceId] });
    await simulated.until(checkInstance, { instanceId, wanted: 'terminated' });
    const { instanceId: restored } = await launch({ ...inPlace, runId: 'run-4' });
    const instance = await simulated.instance(restored);
    expect(instance.PrivateIpAddress).toBe(PrivateIpAddress);
    expect(instance.IamInstanceProfile.Arn).toMatch(/\/web$/);
    expect(instance.Tags).toContainEqual({ Key: 'Name', Value: 'web' });
    expect(await userData(restored)).toContain('echo secret');
    const input = { instanceId: restored, fingerprintKey, isolated: false, overrides: {} };
    const { fingerprint } = await simulated.run(compareFingerprint, input);
    expect(fingerprint.differences.filter(({ onPurpose }) => !onPurpose)).toEqual([]);
  });
});

describe('the input of a restore', () => {
  const read = (input: unknown) => simulated.run(readRestoreInput, { input, executionName: 'run-9' });

  test('is completed', async () => {
    expect(await read({ resource: 'i-0123456789abcdef0' })).toEqual({
      runId: 'run-9',
      point: { resource: 'i-0123456789abcdef0', at: 'latest' },
      isolated: true,
      overrides: {},
      tags: {},
      keep: true,
    });
  });

  test.each([
    [{}, 'name a point'],
    [{ imageId: 'ami-1' }, 'input.imageId: an image id'],
    [
      { imageId: 'ami-0123456789abcdef0', isolate: true },
      'input.isolate: there is no such key; it takes imageId, resource, at',
    ],
    [{ imageId: 'ami-0123456789abcdef0', overrides: { type: 'x' } }, 'input.overrides'],
    [
      { imageId: 'ami-0123456789abcdef0', isolated: false, tags: { 'backup-drill:terminate': 'allowed' } },
      'input.tags.backup-drill:terminate: only a copy in the sandbox may be marked so',
    ],
    [
      { imageId: 'ami-0123456789abcdef0', isolated: false, tags: { 'Backup-Drill:Terminate': 'allowed' } },
      'input.tags.Backup-Drill:Terminate: tags that begin like ours are set by us only',
    ],
    [
      { imageId: 'ami-0123456789abcdef0', tags: { 'backup-drill:deployment': 'other' } },
      'input.tags.backup-drill:deployment: tags that begin like ours',
    ],
    [
      { imageId: 'ami-0123456789abcdef0', overrides: { instanceProfile: 'web' } },
      'input.overrides.instanceProfile: needs isolated: false',
    ],
    ['ami-0123456789abcdef0', 'input'],
  ])('%j is refused with the key named', async (input, message) => {
    await expect(read(input)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(message),
    });
  });
});
