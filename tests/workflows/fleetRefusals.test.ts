import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { TAG } from '../../shared/tags.ts';
import { inFull } from '../requires.ts';
import { ec2, havePolicy, pointsOf, policyEnd, runPolicy } from './fleet.ts';
import { World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const HOUR = 3600_000; // virtual
const NO_TOKEN = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
const FOREVER = 1e9;

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 2 * MINUTE);
afterAll(async () => await world.close());
afterEach(() => world.local.account.faults.clear());

/** Instances with a tag of their own, and a policy of that name that selects them. */
function fleet(name: string, count: number, policy: object = {}): string[] {
  havePolicy(world, name, { select: { tags: { fleet: name } }, ...policy });
  return ec2(world).seedFleet({ count, tags: { fleet: name } });
}

/** EC2 answers an operation with an error, as long as `when` holds. */
function refuse(
  operation: string,
  error: { code: string; message: string; status?: number },
  when?: (input: { InstanceId?: string; Resources?: string[] }) => boolean,
): void {
  world.local.account.faults.add({
    service: 'ec2',
    operation,
    error,
    times: FOREVER,
    ...(when && { when }),
  });
}

const resources = (points: { resource: string; status: string }[], status = 'verified') =>
  points.flatMap((one) => (one.status === status ? one.resource : [])).sort();
const calls = (operation: string) => world.local.account.meter.calls.get(`ec2:${operation}`) ?? 0;
/** Events of the longest history of a run. */
const longest = async (arn: string) => Math.max(...(await world.histories(arn)).map(({ length }) => length));
const done = (one: { Tags?: { Key: string; Value: string }[] }) =>
  one.Tags?.find(({ Key }) => Key === 'done')?.Value;
/** The tag `done` of an instance, and of its volumes. */
const doneOf = async (id: string): Promise<(string | undefined)[]> => {
  const Filters = [{ Name: 'attachment.instance-id', Values: [id] }];
  const { Volumes } = await world.call('ec2', 'DescribeVolumes', { Filters });
  return [await world.instance(id), ...Volumes].map(done);
};

describe('a storm in which EC2 lets nothing through', () => {
  test(
    'that ends after ten minutes loses no backup, and is over soon after',
    async () => {
      const ids = fleet('ten-minutes', 3);
      const { clock } = world.local.account;
      const began = clock.now();
      refuse('CreateImage', NO_TOKEN, () => clock.now() - began < 10 * MINUTE);
      const arn = await world.begin('policy-run', { policy: 'ten-minutes' });
      const { status, runId } = await policyEnd(world, arn);
      expect(status).toBe('SUCCEEDED');
      expect(clock.now() - began).toBeLessThan(20 * MINUTE);
      expect(resources(await pointsOf(world, runId))).toEqual(ids.sort());
      expect(await longest(arn)).toBeLessThan(600);
    },
    MINUTE,
  );

  test(
    'that does not end fails every instance by name, and leaves no lock',
    async () => {
      const ids = fleet('no-end', 3);
      refuse('CreateImage', NO_TOKEN);
      const began = world.local.account.clock.now();
      const arn = await world.begin('policy-run', { policy: 'no-end' });
      const { error, runId, report } = await policyEnd(world, arn);
      expect(error).toBe('BackupsMissing');
      expect(report.failures.toSorted()).toEqual(
        ids
          .map(
            (id) =>
              `eu-west-1 ${id}: EC2 took no request to capture it within 21600 seconds: it asked for patience each time`,
          )
          .sort(),
      );
      expect(world.local.account.clock.now() - began).toBeLessThan(7 * HOUR);
      expect(await longest(arn)).toBeLessThan(6000); // of 25,000
      expect(await pointsOf(world, runId)).toEqual([]);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  inFull(
    'while user data is read leaves good points, and names the instances whose user data they lack',
    async () => {
      const ids = fleet('user-data', 2);
      refuse('DescribeInstanceAttribute', NO_TOKEN);
      const { error, runId, report } = await runPolicy(world, 'user-data');
      expect(error).toBe('BackupsMissing');
      expect(report.missing.map(({ reason }) => reason)).toEqual(
        ids.map(() => 'its user data could not be read within 3600 seconds: its point is without'),
      );
      expect(resources(await pointsOf(world, runId))).toEqual(ids.sort());
      const indexed = (await world.items('PointsTable')).filter((one) => one.runId === runId);
      expect(indexed.map(({ resource }) => resource).sort()).toEqual(ids.sort());
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  inFull(
    'while tags are put on leaves no point that only looks like one',
    async () => {
      const ids = fleet('tags', 2);
      refuse('CreateTags', NO_TOKEN);
      const { error, runId, report } = await runPolicy(world, 'tags');
      expect(error).toBe('BackupsMissing');
      expect(report.missing.map(({ instanceId }) => instanceId).sort()).toEqual(ids.sort());
      for (const { reason } of report.missing)
        expect(reason).toContain('EC2 took no request to tag it within 7200 seconds');
      expect(resources(await pointsOf(world, runId), 'pending')).toEqual(ids);
      expect((await world.items('PointsTable')).filter((one) => one.runId === runId)).toEqual([]);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  inFull(
    'of deletions ends with the points that stayed named, and as they were',
    async () => {
      const [instanceId = ''] = fleet('deletions', 1, { keep: { days: 1 }, maxDeletions: { percent: 100 } });
      const points = [5, 9].map((days) => {
        const at = world.local.account.clock.now() - days * 24 * HOUR;
        const tags = {
          [TAG.deployment]: 'backup-drill-dev',
          [TAG.policy]: 'deletions',
          [TAG.resource]: instanceId,
          [TAG.status]: 'verified',
          [TAG.created]: new Date(at).toISOString(),
        };
        return { capture: 'ami' as const, instanceId, at, tags };
      });
      const seeded = ec2(world).seedPoints(points);
      refuse('DeregisterImage', NO_TOKEN);
      const arn = await world.begin('retention', { policy: 'deletions' });
      const { error, cause } = await world.end(arn);
      expect(error).toBe('RetentionIncomplete');
      expect(cause).toContain('not reached within 21600 seconds');
      expect(await longest(arn)).toBeLessThan(6000);
      const ImageIds = seeded.flatMap(({ imageId }) => imageId ?? []);
      const { Images } = await world.call('ec2', 'DescribeImages', { ImageIds });
      expect(Images.map(({ State }: { State: string }) => State)).toEqual(['available', 'available']);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );
});

test(
  'a run of an id that was before makes nothing, and says so in words',
  async () => {
    const ids = fleet('twice', 2);
    const first = await world.run('policy-run', { policy: 'twice', runId: 'mine' });
    const second = await world.run('policy-run', { policy: 'twice', runId: 'mine' });
    expect([first.status, second.error]).toEqual(['SUCCEEDED', 'BackupsMissing']);
    const words = 'InvalidInput: runId: there was a run of this id already';
    expect(second.cause).toContain(`eu-west-1-0: ${words}`);
    expect(second.cause).not.toContain('Proxy');
    expect(resources(await pointsOf(world, 'mine'))).toEqual(ids.sort());
    expect(await world.locks()).toEqual([]);
  },
  MINUTE,
);

describe('what EC2 refuses of one instance', () => {
  const NOT_ALLOWED = {
    code: 'UnauthorizedOperation',
    message: 'You are not authorized to perform this operation. explicit deny in a service control policy',
    status: 403,
  };

  test(
    'a capture that a policy of the organisation denies is one failed item',
    async () => {
      const [denied = '', ...others] = fleet('denied', 6);
      refuse('CreateImage', NOT_ALLOWED, ({ InstanceId }) => InstanceId === denied);
      const { error, runId, report } = await runPolicy(world, 'denied');
      expect(error).toBe('BackupsMissing');
      expect(report.failures).toEqual([`eu-west-1 ${denied}: ${NOT_ALLOWED.code}: ${NOT_ALLOWED.message}`]);
      expect(resources(await pointsOf(world, runId))).toEqual(others.sort());
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'a right that is missing for all ends the batch after the first burst, with all named',
    async () => {
      const ids = fleet('all-denied', 60);
      refuse('CreateImage', NOT_ALLOWED);
      const before = calls('CreateImage');
      const { error, report, runId } = await runPolicy(world, 'all-denied');
      expect(error).toBe('BackupsMissing');
      expect(report.failures[0]).toBe(`eu-west-1-0: ${NOT_ALLOWED.code}: ${NOT_ALLOWED.message}`);
      expect(report.missing.map(({ instanceId }) => instanceId).sort()).toEqual(ids.sort());
      for (const { reason } of report.missing) expect(reason).toMatch(/^UnauthorizedOperation: /);
      expect(calls('CreateImage') - before).toBeLessThanOrEqual(50);
      expect(await pointsOf(world, runId)).toEqual([]);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'a tag for which there is no room is a warning: all points are verified, all others tagged',
    async () => {
      const ids = fleet('full', 3, { markDone: { instance: { done: 'yes' }, volume: { done: 'yes' } } });
      const full = Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`key-${at}`, 'v']));
      const [crowded = ''] = ec2(world).seedFleet({ count: 1, tags: { fleet: 'full', ...full } });
      const { status, output, runId, report, message } = await runPolicy(world, 'full');
      expect([status, report.status, report.failures]).toEqual(['SUCCEEDED', 'complete', []]);
      expect(report.warnings).toEqual([
        expect.stringMatching(new RegExp(`^eu-west-1 ${crowded} could not be tagged: TagLimitExceeded: `)),
      ]);
      expect(output.warnings).toEqual(report.warnings);
      expect(message?.text).toContain(`Warning: ${report.warnings[0]}`);
      expect(resources(await pointsOf(world, runId))).toEqual([crowded, ...ids].sort());
      for (const id of ids) expect(await doneOf(id)).toEqual(['yes', 'yes', 'yes']);
      expect(await doneOf(crowded)).toEqual([undefined, 'yes', 'yes']);
    },
    MINUTE,
  );

  test(
    'a volume that is gone among hundreds costs a call or two more',
    async () => {
      const ids = fleet('gone', 100, { markDone: { volume: { done: 'yes' } } });
      const [doomed = '', other = ''] = ids;
      const before = calls('CreateTags');
      const arn = await world.begin('policy-run', { policy: 'gone' });
      await world.pass(200);
      await world.call('ec2', 'TerminateInstances', { InstanceIds: [doomed] });
      const { status, runId } = await policyEnd(world, arn);
      expect(status).toBe('SUCCEEDED');
      expect(calls('CreateTags') - before).toBeLessThan(10);
      expect(resources(await pointsOf(world, runId))).toEqual(ids.sort());
      expect(await doneOf(other)).toEqual([undefined, 'yes', 'yes']);
    },
    MINUTE,
  );
});
