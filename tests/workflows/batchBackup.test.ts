import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import { PATHS, userInstance } from './userInstance.ts';
import { World } from './world.ts';

let world: World;
let ec2: Ec2Service;
beforeAll(async () => {
  world = await World.start();
  ec2 = world.local.account.service<Ec2Service>('ec2', world.local.region);
}, 120_000);
afterAll(async () => await world.close());

const POLICY = {
  name: 'nightly',
  tagKey: 'backup-policy',
  capture: 'ami',
  consistency: 'none',
  select: { tags: { fleet: 'a' } },
  keep: { daily: 7 },
};

let runs = 0;
/** What a batch of instances comes to. */
async function backUp(policy: object) {
  const runId = `batch-${++runs}`;
  const { account, region } = world.local;
  const select = { runId, policy, region, accountId: account.id, dryRun: false };
  const answer = await world.call('lambda', 'Invoke', {
    FunctionName: world.local.refs.SelectInstancesLambdaFunction,
    Payload: Buffer.from(JSON.stringify(select)),
  });
  const found = JSON.parse(Buffer.from(answer.Payload).toString());
  if (answer.FunctionError) throw new Error(JSON.stringify(found));
  const [batch] = found.batches;
  const begins = new Date(account.clock.now()).toISOString();
  const { count: _, ...named } = batch;
  return { found, runId, outcome: await world.run('batch-backup', { ...named, begins }) };
}

describe('a batch', () => {
  test('has an image of every instance in the end', async () => {
    ec2.seedFleet({ count: 120, tags: { fleet: 'a' } });
    const { outcome } = await backUp(POLICY);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { verified: 120, failed: 0 } });
  }, 60_000);

  test('has a set of snapshots of every instance', async () => {
    ec2.seedFleet({ count: 30, tags: { fleet: 'b' } });
    const { outcome } = await backUp({ ...POLICY, capture: 'snapshots', select: { tags: { fleet: 'b' } } });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { verified: 30, failed: 0 } });
    const Filters = [{ Name: 'tag-key', Values: ['backup-drill:set'] }];
    const { Snapshots } = await world.call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'], Filters });
    const tags: { Key: string; Value: string }[][] = Snapshots.map(({ Tags }: { Tags: object[] }) => Tags);
    const valueBy = (key: string) => (each: (typeof tags)[number]) =>
      each.find(({ Key }) => Key === key)?.Value;
    // Each says how many there are of it.
    for (const set of new Set(tags.map(valueBy('backup-drill:set')))) {
      const own = tags.filter((each) => valueBy('backup-drill:set')(each) === set);
      expect(own.map(valueBy('backup-drill:members'))).toEqual(own.map(() => String(own.length)));
    }
  }, 60_000);

  test('keeps the user data of a fleet as one object, and one note an instance, however often they start', async () => {
    const fleet = { count: 3, tags: { fleet: 'c' }, userData: '#!/bin/sh\necho secret' };
    const [again = '', ...others] = ec2.seedFleet(fleet);
    const policy = { ...POLICY, select: { tags: { fleet: 'c' } } };
    const reads = () => world.local.account.meter.calls.get('ec2:DescribeInstanceAttribute') ?? 0;
    const notes = async () =>
      (await world.items('RunsTable')).filter(
        ({ id, entry }) => id === 'user-data#eu-west-1' && [again, ...others].includes(String(entry)),
      );
    const kept = async () => (await world.objects('EvidenceBucket')).filter((key) => /user-data/.test(key));
    const launchOf = async (runId: string, id: string) => {
      const key = `points/batches/${runId}/eu-west-1-0.launches.json`;
      return (await world.evidence({ bucket: world.local.refs.EvidenceBucket ?? '', key }))[id];
    };

    const before = reads();
    await backUp(policy);
    expect([reads() - before, (await notes()).length]).toEqual([3, 3]);
    const [place = '', ...more] = await kept();
    expect(more).toEqual([]);

    await world.call('ec2', 'StopInstances', { InstanceIds: [again] });
    await world.pass(600);
    await world.call('ec2', 'StartInstances', { InstanceIds: [again] });
    await world.pass(120);
    const { runId, outcome } = await backUp(policy);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { verified: 3, failed: 0 } });
    expect(reads() - before).toBe(4); // of the one that has been started since
    expect((await notes()).length).toBe(3);
    expect(await kept()).toEqual([place]);
    for (const id of [again, ...others])
      expect(await launchOf(runId, id)).toMatchObject({
        userDataKey: place,
        fingerprint: { userDataSha256: place.split('/').at(-1) },
      });
  }, 60_000);

  test.each(['reboot', 'stop', 'none'])(
    'one by one: %s',
    async (consistency) => {
      const source = await userInstance(world);
      const validate = { paths: PATHS };
      const { outcome } = await backUp({
        ...POLICY,
        consistency,
        validate,
        select: { ids: [source.instanceId] },
      });
      expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { verified: 1, failed: 0 } });
      expect(await world.locks()).toEqual([]);
    },
    120_000,
  );
});
