import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import { PATHS, type UserInstance, userInstance } from './userInstance.ts';
import { type Outcome, World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine

let world: World;
let source: UserInstance;
// biome-ignore lint/suspicious/noExplicitAny: the machine's output
let points: any[];
beforeAll(async () => {
  world = await World.start();
  source = await userInstance(world);
  const { instanceId } = source;
  const how = { consistency: 'none', validate: { paths: PATHS } };
  const first = (await world.run('ami-backup', { instanceId, ...how })).output.recoveryPoint;
  // The second is one that the run of a policy makes.
  const policy = { name: 'web', capture: 'ami', keep: { count: 9 }, select: { ids: [instanceId] }, ...how };
  const ssm = world.local.account.service<SsmService>('ssm', world.local.region);
  ssm.putParameter('/backup-drill-dev/policies/web', JSON.stringify(policy));
  const { status, cause } = await world.run('policy-run', { policy: 'web' });
  expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
  const second = (await world.items('PointsTable')).find(({ imageId }) => imageId !== first.imageId);
  points = [first, second];
  await world.pass(120); // until the lists show them
}, 2 * MINUTE);
afterAll(async () => await world.close());

const userData = async (instanceId: string) => {
  const asked = { InstanceId: instanceId, Attribute: 'userData' };
  return (await world.call('ec2', 'DescribeInstanceAttribute', asked)).UserData?.Value;
};

/** The copy runs, is the one of this point by the nonce on every path, and its volumes are of this point's snapshots. */
async function isCopyOf(point: (typeof points)[number], { status, output, error, cause }: Outcome) {
  expect({ status, error, cause }).toEqual({ status: 'SUCCEEDED', error: undefined, cause: undefined });
  expect(output).toMatchObject({ imageId: point.imageId, statusOkAt: expect.any(String) });
  const snapshots = (of: { snapshotId: string }[]) => of.map(({ snapshotId }) => snapshotId).sort();
  expect(snapshots(output.volumes)).toEqual(snapshots(point.snapshots));
  for (const path of PATHS)
    expect(await world.shell(output.instanceId, `cat "$SSM_Root${path}/.backup-drill-nonce"`)).toContain(
      point.nonce,
    );
  const instance = await world.instance(output.instanceId);
  expect(instance.State.Name).toBe('running');
  expect(instance.MetadataOptions.HttpTokens).toBe('required');
  return instance;
}

describe('a restore', () => {
  test(
    'of an image is isolated unless told: nothing of the source but its data',
    async () => {
      const outcome = await world.run('restore', { imageId: points[0].imageId });
      const instance = await isCopyOf(points[0], outcome);
      expect(instance.SubnetId).toBe(world.local.refs.SandboxSubnet);
      expect(instance.IamInstanceProfile.Arn).toContain('sandbox');
      expect(instance.SecurityGroups).toHaveLength(1);
      expect(await userData(outcome.output.instanceId)).toBeUndefined();
      expect(outcome.output.onlineAt).toBeUndefined();
      expect(outcome.output.fingerprint.matches).toBe(true);
    },
    2 * MINUTE,
  );

  test(
    'of a resource takes its latest point, and goes where it is told with what the source had',
    async () => {
      const outcome = await world.run('restore', {
        resource: source.instanceId,
        at: 'latest',
        isolated: false,
        overrides: { subnetId: source.otherSubnetId },
      });
      const instance = await isCopyOf(points[1], outcome);
      expect(instance.SubnetId).toBe(source.otherSubnetId);
      expect(instance.IamInstanceProfile.Arn).toMatch(/\/web$/);
      expect(instance.SecurityGroups).toEqual([expect.objectContaining({ GroupId: source.groupId })]);
      expect(await userData(outcome.output.instanceId)).toBe(await userData(source.instanceId));
      expect(Date.parse(outcome.output.onlineAt)).toBeGreaterThan(Date.parse(outcome.output.launchedAt));
      const { matches, differences } = outcome.output.fingerprint;
      expect(matches).toBe(true);
      const fields = differences.map(({ field }: { field: string }) => field);
      expect(fields.sort()).toEqual([
        'metadata.httpTokens', // the source's was not required
        'privateIpAddresses',
        'subnetId',
        'volumes /dev/xvda encrypted', // the source's root was not
        'volumes /dev/xvda kmsKeyId',
      ]);
    },
    2 * MINUTE,
  );

  test(
    'of a resource at a time takes the latest point that is not after it',
    async () => {
      const at = new Date(Date.parse(points[1].createdAt) - 1).toISOString();
      await isCopyOf(points[0], await world.run('restore', { resource: source.instanceId, at }));
    },
    2 * MINUTE,
  );
});

describe('a restore of what is not there', () => {
  const unknown = 'ami-0123456789abcdef0';
  test.each([
    ['an unknown image', () => ({ imageId: unknown }), 'ResourceNotFound', unknown],
    [
      'the latest validated point of a resource that no drill has proven',
      () => ({ resource: source.instanceId, at: 'latest-validated' }),
      'ResourceNotFound',
      'latest-validated',
    ],
    [
      'a resource without points',
      () => ({ resource: 'i-0123456789abcdef0' }),
      'ResourceNotFound',
      'i-0123456789abcdef0',
    ],
    [
      'a time before the first point',
      () => ({ resource: source.instanceId, at: '2020-01-01T00:00:00Z' }),
      'ResourceNotFound',
      '2020-01-01',
    ],
    [
      'an image of somebody else',
      async () => ({ imageId: (await world.instance(source.instanceId)).ImageId }),
      'PointNotVerified',
      'not a backup of ours',
    ],
    ['neither image nor resource', () => ({}), 'InvalidInput', 'imageId'],
    ['an unknown key', () => ({ imageId: unknown, isolate: true }), 'InvalidInput', 'isolate'],
  ])('%s: fails with a named error and launches nothing', async (_, input, error, words) => {
    const before = world.local.account.meter.calls.get('ec2:RunInstances');
    const outcome = await world.run('restore', await input());
    expect([outcome.status, outcome.error]).toEqual(['FAILED', error]);
    expect(outcome.cause).toContain(words);
    expect(world.local.account.meter.calls.get('ec2:RunInstances')).toBe(before);
  });
});
