import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Call } from '../../local/account/service.ts';
import { AwsError } from '../../local/account/service.ts';
import { TAG } from '../../shared/tags.ts';
import { ec2, havePolicy, pointsOf, policyEnd, runPolicy } from './fleet.ts';
import { World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const NOT_THERE = 'i-0dead000000000000';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 2 * MINUTE);
afterAll(async () => await world.close());

/** Instances with a tag of their own, and a policy of that name that selects them. */
function fleet(name: string, count: number, policy: object = {}, more: object = {}): string[] {
  havePolicy(world, name, { select: { tags: { fleet: name } }, ...policy });
  return ec2(world).seedFleet({ count, tags: { fleet: name }, ...more });
}

const resources = (points: { resource: string; status: string }[], status = 'verified') =>
  points.flatMap((one) => (one.status === status ? one.resource : [])).sort();

describe('EC2 asks for patience', () => {
  test(
    'a storm: another caller takes every token for ten minutes, then half; no backup is lost',
    async () => {
      const { account } = world.local;
      const ids = fleet('storm', 70);
      ec2(world).callInBackground('CreateImage', 5);
      account.clock.after(10 * MINUTE, () => ec2(world).callInBackground('CreateImage', 2.5));
      const [began, before] = [account.clock.now(), account.meter.throttled.get('ec2:CreateImage') ?? 0];
      const { status, runId, report, message } = await runPolicy(world, 'storm');
      ec2(world).callInBackground('CreateImage', 0);
      expect(status).toBe('SUCCEEDED');
      expect(report).toMatchObject({
        status: 'complete',
        counts: { selected: 70, verified: 70 },
        failures: [],
      });
      expect(message?.subject).toBe('Backed up: storm, 70 of 70 backed up');
      expect(account.clock.now() - began).toBeGreaterThan(10 * MINUTE);
      const throttled = (account.meter.throttled.get('ec2:CreateImage') ?? 0) - before;
      expect(throttled).toBeGreaterThan(0);
      expect(throttled).toBeLessThan(70);
      expect(resources(await pointsOf(world, runId))).toEqual(ids.sort());
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'a volume with five pending snapshots is waited for; one that never has room is a failed item',
    async () => {
      const [busy = '', never = '', free = ''] = fleet('pending', 3);
      for (let taken = 0; taken < 5; taken++) {
        await world.call('ec2', 'CreateSnapshots', { InstanceSpecification: { InstanceId: busy } });
        await world.pass(16);
      }
      world.local.account.faults.add({
        service: 'ec2',
        operation: 'CreateImage',
        error: { code: 'ConcurrentSnapshotLimitExceeded', message: 'Maximum allowed in-progress snapshots' },
        times: 100,
        when: ({ InstanceId }) => InstanceId === never,
      });
      const { error, runId, report, message } = await runPolicy(world, 'pending');
      world.local.account.faults.clear();
      expect(error).toBe('BackupsMissing');
      const reason = 'ConcurrentSnapshotLimitExceeded: Maximum allowed in-progress snapshots';
      expect(report.missing).toEqual([{ region: 'eu-west-1', instanceId: never, reason }]);
      expect(message?.subject).toBe('BACKUPS MISSING: pending, 2 of 3 backed up');
      expect(message?.text.split('\n')[2]).toBe(`eu-west-1 ${never}: ${reason}`);
      expect(resources(await pointsOf(world, runId))).toEqual([busy, free].sort());
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'volumes whose last snapshot is seconds old are captured a little later, once',
    async () => {
      const [id = ''] = fleet('rate', 1, { capture: 'snapshots' });
      const arn = await world.begin('policy-run', { policy: 'rate' });
      await world.call('ec2', 'CreateSnapshots', { InstanceSpecification: { InstanceId: id } });
      const { status, runId, report } = await policyEnd(world, arn);
      const { calls } = world.local.account.meter;
      expect([status, report.counts.verified]).toEqual(['SUCCEEDED', 1]);
      expect(calls.get('ec2:CreateSnapshots')).toBeGreaterThan(7); // five and one of ours, one refused, one taken
      const points = await pointsOf(world, runId, 'snapshots');
      expect(resources(points)).toEqual([id, id]);
      expect(points).toHaveLength(2);
    },
    MINUTE,
  );
});

describe('what cannot be backed up is one failed item, and the others are backed up', () => {
  test(
    'the quota of images is reached in the middle of a batch',
    async () => {
      const ids = fleet('quota', 5);
      const { account } = world.local;
      const { imagesPerRegion } = account.physics;
      const { Images } = await world.call('ec2', 'DescribeImages', { Owners: ['self'] });
      account.physics.imagesPerRegion = Images.length + 3;
      const { error, cause, runId, report } = await runPolicy(world, 'quota');
      account.physics.imagesPerRegion = imagesPerRegion;
      expect(error).toBe('BackupsMissing');
      expect(cause).toMatch(/^2 of 5 have no recovery point; eu-west-1 i-[0-9a-f]+: ResourceLimitExceeded: /);
      expect(report.counts).toEqual({ regions: 1, selected: 5, verified: 3, failed: 2 });
      for (const { reason } of report.missing)
        expect(reason).toMatch(
          /^ResourceLimitExceeded: You have reached your quota of \d+ for the number of images/,
        );
      const there = resources(await pointsOf(world, runId));
      expect([...there, ...report.missing.map(({ instanceId }) => instanceId)].sort()).toEqual(ids.sort());
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'a Region that is switched off is named first',
    async () => {
      const ids = fleet('regions', 2, {
        select: { regions: ['eu-west-1', 'eu-south-2'], tags: { fleet: 'regions' } },
      });
      world.local.account.switchedOff.add('eu-south-2');
      const { error, runId, report, message } = await runPolicy(world, 'regions');
      world.local.account.switchedOff.delete('eu-south-2');
      expect(error).toBe('BackupsMissing');
      expect(report.counts).toEqual({ regions: 2, selected: 2, verified: 2, failed: 0 });
      expect(report.failures[0]).toMatch(/^eu-south-2: AuthFailure: /);
      expect(report.failures[1]).toMatch(/^retention: RetentionIncomplete: .*eu-south-2: AuthFailure/);
      expect(message?.subject).toBe('BACKUPS MISSING: regions, 2 of 2 backed up');
      expect(resources(await pointsOf(world, runId))).toEqual(ids.sort());
    },
    MINUTE,
  );

  test(
    'an instance that is terminated before its volumes were copied has a failed image, tagged so',
    async () => {
      const [doomed = '', other = ''] = fleet('terminated', 2);
      const { physics } = world.local.account;
      const { snapshotStarted } = physics;
      physics.snapshotStarted = [90, 100];
      const arn = await world.begin('policy-run', { policy: 'terminated' });
      const before = world.local.account.meter.calls.get('ec2:CreateImage') ?? 0;
      while ((world.local.account.meter.calls.get('ec2:CreateImage') ?? 0) < before + 2) await world.pass(1);
      physics.snapshotStarted = snapshotStarted;
      await world.call('ec2', 'TerminateInstances', { InstanceIds: [doomed] });
      const { error, runId, report } = await policyEnd(world, arn);
      expect(error).toBe('BackupsMissing');
      expect(report.missing).toEqual([
        {
          region: 'eu-west-1',
          instanceId: doomed,
          reason: expect.stringMatching(/^ami-[0-9a-f]+ failed: A volume is gone$/),
        },
      ]);
      const points = await pointsOf(world, runId);
      expect(resources(points)).toEqual([other]);
      expect(resources(points, 'failed')).toEqual([doomed]);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'one whose root is an instance store, and one that is named but not there',
    async () => {
      const [good = ''] = fleet('unsupported', 1);
      const [store = ''] = ec2(world).seedFleet({ count: 1, rootDevice: 'instance-store' });
      havePolicy(world, 'unsupported', { select: { ids: [NOT_THERE, store, good] } });
      const { error, runId, report, message } = await runPolicy(world, 'unsupported');
      expect(error).toBe('BackupsMissing');
      expect(report.failures.toSorted()).toEqual(
        [
          `eu-west-1 ${store}: its root device is not an EBS volume`,
          `eu-west-1 ${NOT_THERE}: the policy names it, but it is not there`,
        ].sort(),
      );
      expect(message?.subject).toBe('BACKUPS MISSING: unsupported, 1 of 3 backed up');
      for (const line of report.failures) expect(message?.text).toContain(line);
      expect(resources(await pointsOf(world, runId))).toEqual([good]);
    },
    MINUTE,
  );

  test(
    'one that was stopped and cannot start again: its point is kept, and somebody is called',
    async () => {
      const [id = ''] = fleet('capacity', 1, { consistency: 'stop' }, { instanceType: 'm7g.large' });
      const arn = await world.begin('policy-run', { policy: 'capacity' });
      while ((await world.instance(id)).State.Name === 'running') await world.pass(5);
      ec2(world).setCapacity('m7g.large', false);
      const { error, cause, runId, report, message } = await policyEnd(world, arn);
      ec2(world).setCapacity('m7g.large', true);
      expect(error).toBe('BackupsMissing');
      const [line = ''] = report.failures;
      expect(line).toMatch(
        new RegExp(`^eu-west-1 ${id}: InsufficientInstanceCapacity: .*START ${id} BY HAND`),
      );
      expect(cause).toContain(`START ${id} BY HAND`);
      expect(message?.text).toContain(line);
      expect((await world.instance(id)).State.Name).toBe('stopped');
      const [point, ...more] = await pointsOf(world, runId);
      expect([point, more]).toMatchObject([{ resource: id, state: 'available', status: 'verified' }, []]);
      expect((await world.items('PointsTable')).map(({ pointId }) => pointId)).toContain(point?.id);
      expect(await world.locks()).toEqual([]);
    },
    2 * MINUTE,
  );
});

describe('what a run expires', () => {
  const DAY = 24 * 3600 * 1000;
  const points = (deployment: string, policy: string, capture: 'ami' | 'snapshots' = 'ami') =>
    [2, 5, 9].map((days) => {
      const at = world.local.account.clock.now() - days * DAY;
      const tags = {
        [TAG.deployment]: deployment,
        [TAG.policy]: policy,
        [TAG.resource]: 'i-00000000000000001',
        [TAG.status]: 'verified',
        [TAG.created]: new Date(at).toISOString(),
        ...(capture === 'snapshots' && { [TAG.set]: `${days}/i-00000000000000001` }),
      };
      const [ids] = ec2(world).seedPoints([{ capture, instanceId: 'i-00000000000000001', at, tags }]);
      return ids ?? { snapshotIds: [] };
    });
  /** Images and snapshots of some points that are there, with their tags. */
  const left = async (of: { imageId?: string; snapshotIds: string[] }[]) => {
    const { Images } = await world.call('ec2', 'DescribeImages', { Owners: ['self'] });
    const { Snapshots } = await world.call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'] });
    const ids = of.flatMap(({ imageId, snapshotIds }) => [imageId, ...snapshotIds]);
    return [...Images, ...Snapshots].filter(({ ImageId, SnapshotId }) => ids.includes(ImageId ?? SnapshotId));
  };

  test(
    'is its own: the points of another deployment in the account stay as they are, whatever the policy is called',
    async () => {
      fleet('shared', 1, { keep: { days: 3 }, maxDeletions: { percent: 100 } });
      const [own, theirs] = [points('backup-drill-dev', 'shared'), points('backup-drill-other', 'shared')];
      const before = await left(theirs);
      expect(before).toHaveLength(theirs.flatMap((one) => [one.imageId, ...one.snapshotIds]).length);
      const { status, report } = await runPolicy(world, 'shared');
      expect([status, report.retention]).toMatchObject(['SUCCEEDED', { counts: { deleted: 2, refused: 0 } }]);
      expect((await left(own)).map(({ ImageId }) => ImageId).filter(Boolean)).toEqual([own[0]?.imageId]);
      expect(await left(theirs)).toEqual(before);
    },
    MINUTE,
  );

  test(
    'but for a snapshot that an image uses, which is no fault of the run',
    async () => {
      fleet('in-use', 1, { keep: { days: 3 }, maxDeletions: { percent: 100 } });
      const [, held, old] = points('backup-drill-dev', 'in-use', 'snapshots');
      world.local.account.faults.add({
        service: 'ec2',
        operation: 'DeleteSnapshot',
        error: { code: 'InvalidSnapshot.InUse', message: `The snapshot is currently in use by ami-1` },
        times: 100,
        when: ({ SnapshotId }) => SnapshotId === held?.snapshotIds[0],
      });
      const { status, report } = await runPolicy(world, 'in-use');
      world.local.account.faults.clear();
      expect([status, report.failures]).toEqual(['SUCCEEDED', []]);
      expect(report.retention).toMatchObject({ counts: { deleted: 1, kept: 1, refused: 0 } });
      expect(await left(old ? [old] : [])).toEqual([]);
      const there = (await left(held ? [held] : [])).map(({ SnapshotId }) => SnapshotId);
      expect(there).toContain(held?.snapshotIds[0]);
    },
    MINUTE,
  );
});

describe('a burst whose answer is lost half-way', () => {
  test.each(['ami', 'snapshots'] as const)(
    '%s: repeating it begins no second capture of any instance',
    async (capture) => {
      const ids = fleet(`lost-${capture}`, 12, { capture });
      const { account, refs } = world.local;
      const operation = capture === 'ami' ? 'CreateImage' : 'CreateSnapshots';
      const call = account.call.bind(account);
      let [crashing, captures, writes, invocations] = [false, 0, 0, 0];
      account.call = async (asked: Call) => {
        if (
          asked.operation === 'Invoke' &&
          asked.input.FunctionName.includes(refs.SubmitCapturesLambdaFunction)
        ) {
          if (invocations++ > 0) return await call(asked);
          crashing = true;
          await call(asked);
          crashing = false;
          const timedOut = {
            errorType: 'Sandbox.Timedout',
            errorMessage: 'Task timed out after 60.00 seconds',
          };
          return {
            StatusCode: 200,
            FunctionError: 'Unhandled',
            Payload: Buffer.from(JSON.stringify(timedOut)),
          };
        }
        if (crashing && asked.operation === operation && ++captures > 6)
          throw new AwsError('RequestLimitExceeded', 'the function is over', 503);
        if (crashing && asked.operation === 'PutObject' && ++writes > 1)
          throw new AwsError('InternalError', 'the function is over', 500);
        return await call(asked);
      };
      const { status, runId, report } = await runPolicy(world, `lost-${capture}`);
      account.call = call;
      expect([invocations > 1, captures > 6]).toEqual([true, true]);
      expect([status, report.counts.verified]).toEqual(['SUCCEEDED', 12]);
      const points = await pointsOf(world, runId, capture);
      const each = capture === 'ami' ? ids : ids.flatMap((id) => [id, id]);
      expect(resources(points)).toEqual(each.sort());
      expect(points).toHaveLength(each.length);
      expect(await world.locks()).toEqual([]);
    },
    MINUTE,
  );
});
