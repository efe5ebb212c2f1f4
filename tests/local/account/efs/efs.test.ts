import {
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from '@aws-sdk/client-efs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Efs } from '../../../../local/account/efs/efs.ts';
import { Simulated } from '../../../functions/simulated.ts';

let simulated: Simulated;
let client: EFSClient;
let efs: Efs;
beforeEach(async () => {
  simulated = await Simulated.start();
  client = new EFSClient(simulated.settings);
  efs = simulated.account.service<Efs>('elasticfilesystem', 'eu-west-1');
});
afterEach(async () => await simulated.close());

test('a file system is described with its mount targets', async () => {
  const FileSystemId = efs.createFileSystem({ encrypted: true, tags: [{ Key: 'Name', Value: 'home' }] });
  const { subnetId, config } = simulated;
  const place = { SubnetId: subnetId, VpcId: config.sandbox.vpcId, zone: 'eu-west-1a' };
  const MountTargetId = efs.createMountTarget({ FileSystemId, ...place });
  const { FileSystems } = await client.send(new DescribeFileSystemsCommand({ FileSystemId }));
  expect(FileSystems).toMatchObject([
    { FileSystemId, Encrypted: true, LifeCycleState: 'available', NumberOfMountTargets: 1, Name: 'home' },
  ]);
  expect(FileSystems?.[0]?.CreationTime).toEqual(new Date(simulated.clock.now()));
  const { MountTargets } = await client.send(new DescribeMountTargetsCommand({ FileSystemId }));
  expect(MountTargets).toMatchObject([{ MountTargetId, AvailabilityZoneName: 'eu-west-1a' }]);
});

test('a policy comes back as it was given; without one EFS says PolicyNotFound', async () => {
  const Statement = [{ Effect: 'Deny', Principal: '*', Action: '*' }];
  const strict = efs.createFileSystem({ policy: { Version: '2012-10-17', Statement } });
  const open = efs.createFileSystem();
  const policyOf = (FileSystemId: string) =>
    client.send(new DescribeFileSystemPolicyCommand({ FileSystemId }));
  expect(JSON.parse((await policyOf(strict)).Policy ?? '').Statement).toEqual(Statement);
  await expect(policyOf(open)).rejects.toMatchObject({ name: 'PolicyNotFound' });
});

test('an unknown file system is refused by name', async () => {
  const unknown = new DescribeFileSystemsCommand({ FileSystemId: 'fs-0123456789abcdef0' });
  await expect(client.send(unknown)).rejects.toMatchObject({
    name: 'FileSystemNotFound',
    message: expect.stringContaining('fs-0123456789abcdef0'),
  });
});
