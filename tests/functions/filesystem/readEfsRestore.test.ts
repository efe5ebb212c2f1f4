import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readEfsRestore } from '../../../functions/filesystem/readEfsRestore.ts';
import type { AutoScaling } from '../../../local/account/autoscaling/autoscaling.ts';
import type { SsmService } from '../../../local/account/ssm/ssm.ts';
import { Simulated } from '../simulated.ts';

const SOURCE = 'fs-0a1b2c3d4e5f60718';
const DESTINATION = 'fs-0b1c2d3e4f5061728';

let simulated: Simulated;
beforeAll(async () => {
  simulated = await Simulated.start();
  put('home', { source: SOURCE, destination: { id: DESTINATION }, prefix: 'deep/backups' });
  put('other', { source: 'fs-00000001', destination: { id: DESTINATION }, prefix: 'archive' });
  put('back', { source: 'fs-00000002', destination: { id: SOURCE }, prefix: 'from-afar' });
  ssm().putParameter(
    '/backup-drill-test/policies/nightly',
    JSON.stringify({ name: 'nightly', capture: 'ami', keep: { days: 14 } }),
  );
  simulated.account.service<AutoScaling>('autoscaling', 'eu-west-1').createGroup({
    name: 'backup-drill-test-efs-home',
    minSize: 0,
    maxSize: 1,
    desired: 0,
    templateId: 'lt-1',
    subnetIds: [simulated.subnetId],
    tags: [{ Key: 'backup-drill:destination', Value: DESTINATION, PropagateAtLaunch: false }],
  });
});
afterAll(() => simulated.close());

const ssm = () => simulated.account.service<SsmService>('ssm', 'eu-west-1');
function put(name: string, more: object): void {
  const body = { vpc: 'vpc-00000001', subnets: ['subnet-00000001'], keep: { count: 3 } };
  const policy = JSON.stringify({ name, capture: 'efs', ...body, ...more });
  ssm().putParameter(`/backup-drill-test/policies/${name}`, policy);
}

async function read(input: object) {
  return await simulated.run(readEfsRestore, {
    input: { policy: 'home', ...input },
    executionName: 'run-1',
    executionArn: 'arn',
    startedAt: '2026-11-24T01:15:00Z',
  });
}

describe('a restore to the file system that has generations is refused', () => {
  test.each([
    ['at its root', ''],
    ['at its root, written as a path', '/'],
    ['into a generation', 'deep/backups/home/20261124T011500Z/data'],
    ['with slashes around it', '//deep/backups/home/'],
    ["into the policy's folder", 'deep/backups'],
    ['above it', 'deep'],
    ['into the folder of another policy', 'archive/other/20261124T011500Z/data'],
    ['into a folder that another policy may get', 'archive/new'],
  ])('%s', async (_, target) => {
    await expect(read({ target, targetFileSystem: 'destination' })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(
        /^target: (deep\/backups|archive) of fs-0b1c2d3e4f5061728 has generations/,
      ),
    });
  });

  test('also where that is the source, by another policy that copies to it', async () => {
    await expect(read({ target: 'from-afar/back' })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(`from-afar of ${SOURCE} has generations`),
    });
  });
});

describe('a path that has more than one spelling is refused', () => {
  test.each([
    ['./deep/backups/home', 'leave . and double slashes out'],
    ['deep/./backups', 'leave . and double slashes out'],
    ['.', 'leave . and double slashes out'],
    ['a//b', 'leave . and double slashes out'],
    ['deep/../deep', 'leave .. out'],
  ])('%j', async (path, words) => {
    for (const key of ['target', 'subtree'])
      await expect(read({ [key]: path, targetFileSystem: 'destination' })).rejects.toMatchObject({
        name: 'InvalidInput',
        message: expect.stringContaining(words),
      });
  });
});

test.each([
  [{ target: '/restored here/' }, 'restored%20here', '/mnt/source'],
  [{ target: 'deep/back', targetFileSystem: 'destination' }, 'deep/back', '/mnt/destination'],
  [{ target: 'backup-drill', targetFileSystem: 'destination' }, 'backup-drill', '/mnt/destination'],
  [{ target: 'deep/backups' }, 'deep/backups', '/mnt/source'],
  [{ target: '.hidden/ä' }, '.hidden/%C3%A4', '/mnt/source'],
])('goes where nothing can be harmed: %j', async (input, target, targetMount) => {
  expect(await read(input)).toMatchObject({ target, targetMount, subtree: '', mirror: 'no' });
});
