import { describe, expect, test } from '@jest/globals';
import { Account } from '../../../../local/account/account.ts';
import { type Ec2Service, ec2Service } from '../../../../local/account/ec2/ec2.ts';
import { AccountIam } from '../../../../local/account/iam/accountIam.ts';
import { readPolicy } from '../../../../local/account/iam/policy.ts';
import type { Principal } from '../../../../local/account/service.ts';
import { type SsmService, ssmService } from '../../../../local/account/ssm/ssm.ts';
import { Clock } from '../../../../local/clock.ts';
import { FakeHost } from '../fakeHost.ts';

const region = 'eu-west-1';
const CONTENT = {
  mainSteps: [{ action: 'aws:runShellScript', inputs: { runCommand: ['cat boot_id'] } }],
};

/** A fleet whose agents are online, and a role that may send documents with a tag to instances with a tag. */
function fleet(count: number) {
  const iam = new AccountIam();
  const role = (name: string, statement: object) =>
    iam.createRole({
      name,
      arn: `arn:aws:iam::123456789012:role/${name}`,
      policies: [readPolicy({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }, name)],
      trusted: [],
    });
  role('agent', { Action: 'ssm:UpdateInstanceInformation', Resource: '*' });
  role('sender', {
    Action: 'ssm:SendCommand',
    Resource: '*',
    Condition: { StringEquals: { 'aws:ResourceTag/backup': 'allowed' } },
  });
  const host = new FakeHost();
  const account = new Account({
    clock: new Clock({ start: 0 }),
    directory: '/nowhere',
    iam,
    host,
    services: { ec2: ec2Service, ssm: ssmService },
  });
  const ec2 = account.service<Ec2Service>('ec2', region);
  const ssm = account.service<SsmService>('ssm', region);
  ec2.registerInstanceProfile('web', 'agent');
  ssm.createDocument('boot-id', CONTENT, { backup: 'allowed' });
  const tags = (index: number) => ({ backup: 'allowed', half: index % 2 ? 'odd' : 'even' });
  const ids = ec2.seedFleet({ count, profile: 'web', tags, volumes: [{}] });
  const call = (operation: string, input: object, principal: Principal = account.operator) =>
    // biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
    account.call({ principal, region, service: 'ssm', operation, input }) as Promise<any>;
  return { account, ec2, ssm, host, ids, call };
}

describe('DescribeInstanceInformation', () => {
  test('shows a fleet in pages of ten, or of what is asked for up to 50', async () => {
    const { ids, call } = fleet(120);
    const usual = await call('DescribeInstanceInformation', {});
    expect(usual.InstanceInformationList).toHaveLength(10);
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let NextToken: string | undefined; sizes.length === 0 || NextToken; ) {
      const answer = await call('DescribeInstanceInformation', {
        MaxResults: 50,
        ...(NextToken && { NextToken }),
      });
      const found = answer.InstanceInformationList.map((one: { InstanceId: string }) => one.InstanceId);
      seen.push(...found);
      sizes.push(found.length);
      NextToken = answer.NextToken;
    }
    expect([seen, sizes]).toEqual([ids, [50, 50, 20]]);
    await expect(call('DescribeInstanceInformation', { MaxResults: 51 })).rejects.toThrow('maxResults');
    await expect(call('DescribeInstanceInformation', { NextToken: 'i-none' })).rejects.toThrow('token');
  });

  test('filters by ids, at most 100 of them, and by tags', async () => {
    const { ids, call, account } = fleet(120);
    const find = async (Key: string, Values: string[]) => {
      const answer = await call('DescribeInstanceInformation', {
        MaxResults: 50,
        Filters: [{ Key, Values }],
      });
      return answer.InstanceInformationList.map((one: { InstanceId: string }) => one.InstanceId);
    };
    expect(await find('InstanceIds', ids.slice(3, 5))).toEqual(ids.slice(3, 5));
    expect(await find('tag:half', ['odd'])).toHaveLength(50);
    expect((await find('tag:half', ['odd']))[0]).toBe(ids[1]);
    expect(await find('tag-key', ['half', 'none'])).toHaveLength(50);
    expect(await find('PingStatus', ['ConnectionLost'])).toEqual([]);
    await expect(find('InstanceIds', ids.slice(0, 101))).rejects.toThrow('between 1 and 100');
    const stop = { service: 'ec2', operation: 'StopInstances', input: { InstanceIds: [ids[3]] } };
    await account.call({ principal: account.operator, region, ...stop });
    expect(await find('InstanceIds', ids.slice(3, 5))).toEqual([ids[4]]);
  });
});

describe('one command for fifty instances', () => {
  test('is allowed by the tag of the document and of every instance', async () => {
    const { ec2, ssm, ids, call } = fleet(3);
    const sender = { arn: 'arn:aws:sts::123456789012:assumed-role/sender/x', role: 'sender' };
    const send = (DocumentName: string, InstanceIds: string[]) =>
      call('SendCommand', { DocumentName, InstanceIds }, sender);
    await expect(send('boot-id', ids)).resolves.toMatchObject({ Command: { TargetCount: 3 } });
    ssm.createDocument('untagged', CONTENT);
    await expect(send('untagged', ids)).rejects.toThrow('document/untagged');
    const [other = ''] = ec2.seedFleet({ count: 1, profile: 'web' });
    await expect(send('boot-id', [...ids, other])).rejects.toThrow(`instance/${other}`);
  });
});
