import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identifySource } from '../../../functions/drill/identifySource.ts';
import { launchSource } from '../../../functions/drill/launchSource.ts';
import { readDrillInput } from '../../../functions/drill/readDrillInput.ts';
import { terminateSource } from '../../../functions/drill/terminateSource.ts';
import { checkImage } from '../../../functions/image/checkImage.ts';
import { createImage } from '../../../functions/image/createImage.ts';
import { markImage } from '../../../functions/image/markImage.ts';
import { checkInstance } from '../../../functions/instance/checkInstance.ts';
import { ledgerOf, startSandboxed } from '../sandboxed.ts';
import type { Simulated } from '../simulated.ts';

const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
let simulated: Simulated;
beforeEach(async () => {
  simulated = await startSandboxed({ imageAvailable: [9, 9], snapshotStarted: [2, 2] });
});
afterEach(() => simulated.close());

const launch = (more: object = {}) =>
  simulated.run(launchSource, {
    runId: 'run-1',
    instanceType: 't4g.small',
    imageParameter: IMAGE,
    dataVolumes: [{ deviceName: '/dev/sdf' }, { deviceName: '/dev/sdg' }],
    ...more,
  });

describe('readDrillInput', () => {
  const read = (input: unknown) =>
    simulated.run(readDrillInput, {
      input,
      executionName: 'run-1',
      executionArn: 'arn:execution',
      startedAt: '2026-01-02T03:04:05.000Z',
    });

  test('an empty input is a whole drill', async () => {
    expect(await read({})).toMatchObject({
      runId: 'run-1',
      mode: 'sandbox',
      consistency: 'reboot',
      rpoSeconds: 3600,
      rtoSeconds: 1800,
      endpoints: 'create',
      paths: ['/srv/backup-drill', '/data1', '/data2'],
    });
  });

  test('takes objectives as durations, and data in the staging bucket', async () => {
    const data = { bucket: 'staging', key: 'runs/run-1/data.tar' };
    expect(await read({ objectives: { rto: '90s', rpo: '2d' }, data })).toMatchObject({
      rtoSeconds: 90,
      rpoSeconds: 172_800,
      data,
    });
  });

  test.each<[unknown, RegExp]>([
    [{ mod: 'sandbox' }, /input\.mod: there is no mod; allowed are mode, consistency, data, objectives/],
    [{ mode: 'live' }, /input\.mode: only sandbox so far; rehearse and live are not built yet/],
    [{ mode: 'rehearse' }, /not built yet/],
    [{ consistency: 'hope' }, /input\.consistency: .*reboot/],
    [{ objectives: { rto: 'soon' } }, /input\.objectives\.rto: a number and s, m, h or d/],
    [{ objectives: { mttr: '1h' } }, /input\.objectives\.mttr: there is no such key; it takes rpo, rto/],
    [{ data: { bucket: 'mine', key: 'x' } }, /input\.data\.bucket: the data must lie in staging/],
    [{ imageParameter: 'ami-1' }, /input\.imageParameter: the name of a public SSM parameter/],
    [[], /input: /],
    ['drill', /input: /],
  ])('refuses %j', async (input, message) => {
    await expect(read(input)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(message),
    });
  });
});

describe('launchSource', () => {
  test('launches into the sandbox, encrypted and marked as one that may be terminated', async () => {
    const { instanceId, launchTime, accountId } = await launch();
    const instance = await simulated.instance(instanceId);
    const { sandbox } = simulated.config;
    expect(instance).toMatchObject({
      SubnetId: sandbox.subnetId,
      SecurityGroups: [{ GroupId: sandbox.instanceSecurityGroup }],
      IamInstanceProfile: { Arn: expect.stringMatching(/instance-profile\/sandbox$/) },
      MetadataOptions: { HttpTokens: 'required' },
      LaunchTime: new Date(launchTime),
    });
    expect(instance.PublicIpAddress).toBeUndefined();
    expect(accountId).toBe(simulated.account.id);
    expect(instance.Tags).toEqual(
      expect.arrayContaining([
        { Key: 'backup-drill:terminate', Value: 'allowed' },
        { Key: 'backup-drill:run', Value: 'run-1' },
      ]),
    );
    const { Volumes } = await simulated.call('ec2', 'DescribeVolumes');
    expect(Volumes).toHaveLength(3);
    for (const volume of Volumes) {
      expect(volume).toMatchObject({ Encrypted: true, KmsKeyId: simulated.config.keyArn });
      expect(volume.Attachments[0].DeleteOnTermination).toBe(true);
    }
  });

  test('is in the ledger, and repeated finds the same instance', async () => {
    const { instanceId } = await launch();
    expect((await launch()).instanceId).toBe(instanceId);
    expect(await ledgerOf(simulated, 'run-1')).toEqual([
      { kind: 'instance', key: 'source', resourceId: instanceId, keep: false },
    ]);
  });

  test('when the launch is refused, the ledger knows what was intended', async () => {
    simulated.account.faults.add({
      service: 'ec2',
      operation: 'RunInstances',
      error: { code: 'InsufficientInstanceCapacity', message: 'none left' },
    });
    await expect(launch()).rejects.toMatchObject({ name: 'InsufficientInstanceCapacity' });
    expect(await ledgerOf(simulated, 'run-1')).toEqual([{ kind: 'instance', key: 'source', keep: false }]);
  });

  test('names a parameter that is not there', async () => {
    await expect(launch({ imageParameter: '/aws/service/nothing' })).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('terminateSource', () => {
  let instanceId: string;
  let launchTime: string;
  let imageId: string;

  beforeEach(async () => {
    ({ instanceId, launchTime } = await launch());
    await simulated.until(checkInstance, { instanceId, wanted: 'running' });
    const request = { runId: 'run-1', instanceId, consistency: 'none', fingerprintKey: 'f', keep: false };
    imageId = (await simulated.run(createImage, request)).imageId;
    await simulated.until(checkImage, { imageId });
    await simulated.run(markImage, { imageId, status: 'verified' });
  });

  const terminate = (more: object = {}) =>
    simulated.run(terminateSource, {
      runId: 'run-1',
      instanceId,
      launchTime,
      accountId: simulated.account.id,
      imageId,
      ...more,
    });
  const state = async () => (await simulated.instance(instanceId)).State.Name;

  test('terminates what was backed up whole, and says when that was accepted', async () => {
    const { acceptedAt } = await terminate();
    expect(acceptedAt).toBe(simulated.now);
    expect(await state()).toBe('shutting-down');
  });

  test('repeated, finds it on its way out', async () => {
    await terminate();
    expect((await terminate()).instanceId).toBe(instanceId);
    await simulated.until(checkInstance, { instanceId, wanted: 'terminated' });
    expect((await terminate()).instanceId).toBe(instanceId);
  });

  test.each<[string, () => Promise<object> | object, RegExp]>([
    ['another launch time', () => ({ launchTime: '2026-01-01T00:00:00.000Z' }), /it was launched at/],
    ['another account', () => ({ accountId: '210987654321' }), /this runs in account 123456789012/],
    ['another run', () => ({ runId: 'run-2' }), /it belongs to run run-1/],
    [
      'a recovery point that was marked as failed since',
      async () => void (await simulated.run(markImage, { imageId, status: 'failed' })),
      /its recovery point is failed, not verified/,
    ],
    [
      'a recovery point that is gone',
      async () => void (await simulated.call('ec2', 'DeregisterImage', { ImageId: imageId })),
      /its recovery point ami-.* is not there/,
    ],
    [
      'an instance whose tags were changed since',
      async () =>
        void (await simulated.call('ec2', 'CreateTags', {
          Resources: [instanceId],
          Tags: [{ Key: 'backup-drill:run', Value: 'run-9' }],
        })),
      /it belongs to run run-9/,
    ],
  ])('refuses %s, and touches nothing', async (_, change, words) => {
    const more = await change();
    await expect(terminate(more)).rejects.toMatchObject({
      name: 'InterlockRefused',
      message: expect.stringMatching(words),
    });
    expect(await state()).toBe('running');
  });

  test('refuses an instance that is protected, and leaves the protection as it is', async () => {
    const other = await simulated.userInstance({ DisableApiTermination: true });
    await expect(terminate({ instanceId: other })).rejects.toThrow(/termination protection is on/);
    const attribute = { InstanceId: other, Attribute: 'disableApiTermination' };
    expect(await simulated.call('ec2', 'DescribeInstanceAttribute', attribute)).toMatchObject({
      DisableApiTermination: { Value: true },
    });
  });

  test('is known by its volumes and its launch time', async () => {
    const identified = await simulated.run(identifySource, { instanceId });
    expect(identified.launchTime).toBe(launchTime);
    expect(identified.volumes.map((volume) => volume.deviceName)).toEqual([
      '/dev/sdf',
      '/dev/sdg',
      '/dev/xvda',
    ]);
  });
});
