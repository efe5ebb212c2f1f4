import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProgressKind } from '../../local/account/physics.ts';
import { expectPrompt } from './promptness.ts';
import { type Outcome, World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const SANDBOX = 'lock#sandbox';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 2 * MINUTE);
afterAll(async () => await world.close());

/** From now on the progress of images is told in this way. */
function progressIs(kind: ProgressKind): void {
  world.local.account.physics.snapshotProgress = kind;
}

describe('a drill with the input {}', () => {
  let passed: Outcome;
  let refused: Outcome;
  let messages: number;
  beforeAll(async () => {
    messages = world.published().length;
    progressIs('jump');
    const first = await world.begin('dr-drill', {});
    while (!(await world.locks()).includes(SANDBOX)) await world.pass(1);
    refused = await world.run('dr-drill', {});
    passed = await world.end(first);
  }, 2 * MINUTE);

  test('passes every check, each of which has looked at something', () => {
    expect(passed).toMatchObject({ status: 'SUCCEEDED', output: { verdict: 'PASS', leftovers: [] } });
    expect(passed.output.checks.length).toBeGreaterThan(10);
    for (const check of passed.output.checks)
      expect(check).toMatchObject({ ran: true, passed: true, failures: [], count: expect.any(Number) });
    expect(passed.output.checks.filter(({ count }: { count: number }) => count === 0)).toEqual([]);
  });

  test('notices everything in time, and recovers about as fast as the account allows', async () => {
    await expectPrompt(world, passed.arn, passed.output);
  });

  test('leaves nothing in the account that costs anything', async () => {
    expect(await world.existing()).toEqual([]);
    expect(await world.objects('StagingBucket')).toEqual([]);
    expect(await world.items('PointsTable')).toEqual([]);
    expect(await world.locks()).toEqual([]);
  });

  test('has launched two instances, and both are terminated', async () => {
    const { Reservations } = await world.call('ec2', 'DescribeInstances');
    const seen = Reservations.flatMap(
      ({ Instances }: { Instances: { InstanceId: string; State: { Name: string } }[] }) =>
        Instances.map(({ State }) => State.Name),
    );
    expect(seen).toEqual(['terminated', 'terminated']);
  });

  test('leaves evidence in the locked bucket, with its own digest, and nobody can take it away', async () => {
    const { bucket, key, sha256 } = passed.output.evidence;
    const version = world.s3().bucket(bucket).current(key);
    const text = readFileSync(version.file, 'utf8');
    expect(bucket).toBe(world.local.refs.EvidenceBucket);
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
    expect(version.metadata.sha256).toBe(sha256);
    expect(version.lockedUntil?.getTime()).toBeGreaterThan(world.local.account.clock.now());
    await expect(
      world.call('s3', 'DeleteObject', { Bucket: bucket, Key: key, VersionId: version.versionId }),
    ).rejects.toMatchObject({ code: 'AccessDenied' });
    const { checks, recoveryPoint, runId } = passed.output;
    expect(JSON.parse(text)).toMatchObject({ runId, verdict: 'PASS', checks, recoveryPoint });
  });

  test('leaves the manifests that prove it, and they are as the point says', async () => {
    const { bucket, key, sha256 } = passed.output.recoveryPoint.manifest;
    const content = readFileSync(world.s3().bucket(bucket).current(key).file);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    const manifests = (await world.objects('EvidenceBucket')).filter((one) => one.startsWith('manifests/'));
    expect(manifests).toEqual([key, expect.stringMatching(/\/restored\.gz$/)]);
  });

  test('records the run, and its ledger says that everything is gone', async () => {
    const { runId } = passed.output;
    const items = (await world.items('RunsTable')).filter(({ id }) => id === runId);
    const record = items.find(({ entry }) => entry === 'run');
    expect(record).toMatchObject({ kind: 'drill', verdict: 'PASS', executionArn: passed.arn });
    expect(record?.evidence).toEqual(passed.output.evidence);
    const ledger = items.filter(({ entry }) => String(entry).startsWith('made#'));
    expect(ledger.length).toBeGreaterThan(3);
    expect(ledger.filter(({ goneAt }) => goneAt === undefined)).toEqual([]);
  });

  test('publishes its verdict', () => {
    const [failed, message, ...more] = world.published().slice(messages);
    expect(more).toEqual([]);
    expect(failed?.message).toContain('run-2'); // the other drill, which was refused meanwhile
    expect(message).toMatchObject({
      topicArn: world.local.refs.Topic,
      subject: `PASS: drill ${passed.output.runId}`,
    });
    expect(JSON.parse(message?.message ?? '')).toMatchObject({ verdict: 'PASS', checks: [], leftovers: [] });
  });

  test('refuses another drill while it runs', () => {
    expect(refused).toMatchObject({ status: 'FAILED', error: 'ResourceBusy' });
    expect(refused.cause).toContain(passed.output.runId);
  });
});

describe('a drill with another consistency, whatever the progress of the images says', () => {
  const drills: [string, string, ProgressKind][] = [['none', 'crash', 'zero']];
  if (process.env.TEST_FULL)
    drills.push(
      ['stop', 'stopped', 'stuck99'],
      ['reboot', 'rebooted', 'empty'],
      ['reboot', 'rebooted', 'steady'],
    );
  test.each(drills)(
    '%s: passes with a copy that is %s, while progress is %s',
    async (asked, seen, progress) => {
      progressIs(progress);
      const { status, output, arn } = await world.run('dr-drill', { consistency: asked });
      expect([status, output.verdict]).toEqual(['SUCCEEDED', 'PASS']);
      expect(output.recoveryPoint.consistency).toEqual({ asked, seen });
      expect(await world.existing()).toEqual([]);
      await expectPrompt(world, arn, output);
    },
    2 * MINUTE,
  );
});

describe('a drill that is asked for wrongly', () => {
  let before: string[];
  beforeEach(async () => {
    before = [...(await world.existing()), ...(await world.objects('EvidenceBucket'))];
  });

  test.each([
    [{ consistancy: 'stop' }, 'consistancy'],
    [{ consistency: 'sleep' }, 'consistency'],
    [{ mode: 'live' }, 'mode'],
    [{ objectives: { rto: 'soon' } }, 'objectives.rto'],
    [{ data: { bucket: 'somewhere', key: 'a.tar' } }, 'data.bucket'],
    [['{}'], 'input'],
    ['{}', 'input'],
  ])('%j fails in the first state, naming %s', async (input, key) => {
    const calls = world.local.account.meter.calls.get('dynamodb:PutItem');
    const { arn, status, error, cause } = await world.run('dr-drill', input);
    expect([status, error]).toEqual(['FAILED', 'InvalidInput']);
    expect(cause).toContain(key);
    expect(cause).not.toMatch(/\n|\bat .*:\d+/);
    const [events = []] = await world.histories(arn);
    const entered = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
    expect(entered).toEqual(['ReadInput', 'DrillRefused']);
    expect(world.local.account.meter.calls.get('dynamodb:PutItem')).toBe(calls);
    expect([...(await world.existing()), ...(await world.objects('EvidenceBucket'))]).toEqual(before);
    expect(await world.locks()).toEqual([]);
  });
});
