import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

describe('a stopped instance that cannot start again', () => {
  test('because AWS has no more capacity for its type, until it has some', async () => {
    const region = new Region();
    const [id = ''] = region.ec2.seedFleet({ count: 1, instanceType: 'm7g.large', state: 'stopped' });
    const [other = ''] = region.ec2.seedFleet({ count: 1, instanceType: 't4g.small', state: 'stopped' });
    region.ec2.setCapacity('m7g.large', false);
    await expect(region.call('StartInstances', { InstanceIds: [id] })).rejects.toMatchObject({
      code: 'InsufficientInstanceCapacity',
      status: 500,
      message: expect.stringContaining('sufficient m7g.large capacity in the Availability Zone'),
    });
    expect(await region.codeOf('StartInstances', { InstanceIds: [other, id] })).toBe(
      'InsufficientInstanceCapacity',
    );
    const states = async () => [
      (await region.describe(id)).State.Name,
      (await region.describe(other)).State.Name,
    ];
    expect(await states()).toEqual(['stopped', 'stopped']);
    expect(await region.codeOf('StartInstances', { InstanceIds: [other] })).toBe('none');
    region.ec2.setCapacity('m7g.large', true);
    expect(await region.codeOf('StartInstances', { InstanceIds: [id] })).toBe('none');
    expect(await states()).toEqual(['pending', 'pending']);
  });

  test('because who starts it may not use the key of its volumes: it falls back', async () => {
    const region = new Region();
    const [id = ''] = region.ec2.seedFleet({
      count: 1,
      state: 'stopped',
      volumes: [{ kmsKeyId: region.keyArn }, {}],
    });
    region.iam.forbidden.add('kms:CreateGrant');
    const principal = { arn: 'arn:aws:sts::123456789012:assumed-role/stopper/x', role: 'stopper' };
    await region.call('StartInstances', { InstanceIds: [id] }, principal);
    await region.until(`${id}:stopped`);
    const { State, StateReason } = await region.describe(id);
    expect([State.Name, StateReason.Code]).toEqual(['stopped', 'Client.InternalError']);
  });

  test('nothing of the type is launched either', async () => {
    const region = new Region();
    region.ec2.setCapacity('t4g.small', false);
    expect(await region.codeOf('RunInstances', region.launchRequest())).toBe('InsufficientInstanceCapacity');
    expect((await region.call('DescribeVolumes', { MaxResults: 5 })).Volumes).toEqual([]);
  });
});
