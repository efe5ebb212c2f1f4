import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Account } from '../../../local/account/account.ts';
import { type Ec2Service, ec2Service } from '../../../local/account/ec2/ec2.ts';
import { AccountIam } from '../../../local/account/iam/accountIam.ts';
import { readPolicy } from '../../../local/account/iam/policy.ts';
import { Principals } from '../../../local/wire/principals.ts';
import { listen } from '../../../local/wire/server.ts';
import { FakeHost } from '../account/fakeHost.ts';

const iam = new AccountIam();
const directory = mkdtempSync(join(tmpdir(), 'regions-'));
const account = new Account({ directory, iam, host: new FakeHost(), services: { ec2: ec2Service } });
const principals = new Principals();
const role = 'fleet';
const principal = { arn: `arn:aws:sts::${account.id}:assumed-role/${role}/x`, role };
let server: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const statements = [
    { Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:DescribeRegions'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: 'ec2:CreateSnapshots',
      Resource: [
        'arn:aws:ec2:eu-central-1:123456789012:*/*',
        'arn:aws:ec2:us-east-1:123456789012:*/*',
        'arn:aws:ec2:us-east-1::snapshot/*',
      ],
    },
  ];
  const policies = [readPolicy({ Version: '2012-10-17', Statement: statements }, 'fleet')];
  iam.createRole({ name: role, arn: `arn:aws:iam::${account.id}:role/${role}`, policies, trusted: [] });
  server = await listen(account, principals);
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const client = (region: string) =>
  new EC2Client({
    region,
    endpoint: server.endpoint,
    credentials: principals.issue(principal),
    maxAttempts: 1,
  });

test('each Region has its own instances, and IAM sees the ARNs of the Region that is called', async () => {
  const seeded = ['us-east-1', 'eu-central-1'].map((region) => {
    const [id = ''] = account.service<Ec2Service>('ec2', region).seedFleet({ count: 1, volumes: [{}] });
    return id;
  });
  const found = async (region: string) => {
    const { Reservations = [] } = await client(region).send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances.map((one) => one.InstanceId));
  };
  expect([await found('us-east-1'), await found('eu-central-1'), await found('eu-west-1')]).toEqual([
    [seeded[0]],
    [seeded[1]],
    [],
  ]);
  const create = (region: string, InstanceId = '') =>
    client(region).send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId } }));
  expect((await create('us-east-1', seeded[0])).Snapshots).toHaveLength(1);
  await expect(create('eu-central-1', seeded[1])).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
    message: expect.stringContaining('arn:aws:ec2:eu-central-1::snapshot/*'),
  });
  await expect(create('eu-central-1', seeded[0])).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
  });
});

test('a Region that is switched off does not know the keys, and is not among the Regions', async () => {
  account.switchedOff.add('us-west-2');
  await expect(client('us-west-2').send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
    name: 'AuthFailure',
    message: 'AWS was not able to validate the provided access credentials',
    $metadata: { httpStatusCode: 401 },
  });
  const { Regions = [] } = await client('eu-west-1').send(new DescribeRegionsCommand({}));
  const names = Regions.map((one) => one.RegionName);
  expect([names.includes('us-east-1'), names.includes('us-west-2')]).toEqual([true, false]);
  expect(Regions[0]).toEqual({
    RegionName: 'ap-northeast-1',
    Endpoint: 'ec2.ap-northeast-1.amazonaws.com',
    OptInStatus: 'opt-in-not-required',
  });
});
