import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rebuildIndex } from '../../../functions/point/rebuildIndex.ts';
import { planRetention } from '../../../functions/retention/planRetention.ts';
import { TAG } from '../../../shared/tags.ts';
import { listAt, nightly, seed, snapshots } from '../retention/retained.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const rebuild = (regions?: string[]) => simulated.run(rebuildIndex, { ...(regions && { regions }) });

async function table(): Promise<Record<string, unknown>[]> {
  const { Items } = await simulated.call('dynamodb', 'Scan', { TableName: 'points' });
  return Items.sort((a: { pointId: { S: string } }, b: { pointId: { S: string } }) =>
    a.pointId.S < b.pointId.S ? -1 : 1,
  );
}

async function drop(): Promise<void> {
  for (const { resource, pointId } of await table())
    await simulated.call('dynamodb', 'DeleteItem', { TableName: 'points', Key: { resource, pointId } });
}

async function plan() {
  const policy = nightly({ daily: 2, weekly: 2 });
  const { plan } = await simulated.run(planRetention, {
    runId: 'run-1',
    policy,
    region: 'eu-west-1',
    dryRun: true,
  });
  return await listAt(simulated, plan);
}

describe('the index of points', () => {
  test('dropped and made again from the tags is the same, and so is every plan', async () => {
    seed(simulated, [
      ...Array.from({ length: 12 }, (_, at) => ({ daysAgo: at / 2 })),
      { daysAgo: 1, tags: { [TAG.validated]: simulated.now } },
      { daysAgo: 2, capture: 'snapshots' as const, resource: 'i-00000000000000002' },
    ]);
    expect(await rebuild()).toMatchObject({ points: 14, written: 14, removed: 0 });
    const [before, planned] = [await table(), await plan()];
    expect(before).toHaveLength(14);
    await drop();
    expect(await plan()).toEqual(planned);
    await rebuild();
    expect(await table()).toEqual(before);
    expect(await plan()).toEqual(planned);
    expect(await rebuild()).toMatchObject({ points: 14, written: 0, removed: 0 });
  });

  test('is not made again for a key that is not known, or a Region that is not there', async () => {
    seed(simulated, [{ daysAgo: 1 }]);
    await expect(simulated.run(rebuildIndex, Object({ region: 'eu-west-1' }))).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('region: there is no such key; it takes regions'),
    });
    await expect(rebuild(['eu-west-1', 'eu-nowhere-1'])).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^no Region of this account: eu-nowhere-1; there is .*eu-west-1/),
    });
    expect(await table()).toEqual([]);
    expect(await rebuild(['eu-west-1'])).toMatchObject({ regions: ['eu-west-1'], points: 1 });
  });

  test('has what tags say of each verified point of this deployment, and nothing else', async () => {
    const [id = ''] = seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 1, tags: { [TAG.status]: 'pending' } },
      { daysAgo: 1, tags: { [TAG.deployment]: 'backup-drill-other' } },
    ]);
    await rebuild();
    expect(await table()).toEqual([
      {
        resource: { S: 'i-00000000000000001' },
        pointId: { S: id },
        imageId: { S: id },
        region: { S: 'eu-west-1' },
        createdAt: { S: '2026-01-01T03:04:05.000Z' },
        status: { S: 'verified' },
        policy: { S: 'nightly' },
        consistency: { M: { seen: { S: 'rebooted' } } },
        runId: { S: 'run-1' },
      },
    ]);
  });

  test('loses what is gone, and keeps what tags do not know', async () => {
    const [id = ''] = seed(simulated, [{ daysAgo: 1 }]);
    const resource = { S: 'i-00000000000000001' };
    const put = (Item: object) => simulated.call('dynamodb', 'PutItem', { TableName: 'points', Item });
    const consistency = (seen: string) => ({ M: { asked: { S: 'reboot' }, seen: { S: seen } } });
    await put({ resource, pointId: { S: id }, consistency: consistency('crash'), snapshots: { L: [] } });
    await put({ resource, pointId: { S: 'ami-0gone' } });
    await put({ resource, pointId: { S: 'ami-0elsewhere' }, region: { S: 'us-east-1' } });
    expect(await rebuild(['eu-west-1'])).toMatchObject({ points: 1, written: 1, removed: 1 });
    const lines = await table();
    expect(lines.map(({ pointId }) => pointId)).toEqual(
      [{ S: 'ami-0elsewhere' }, { S: id }].sort((a, b) => (a.S < b.S ? -1 : 1)),
    );
    expect(lines.find(({ pointId }) => (pointId as { S: string }).S === id)).toMatchObject({
      consistency: consistency('rebooted'),
      snapshots: { L: [] },
      status: { S: 'verified' },
    });
  });

  test('has no line of a set of which a snapshot is gone', async () => {
    const [set = ''] = seed(simulated, [{ daysAgo: 1, capture: 'snapshots' }]);
    await rebuild();
    expect(await table()).toMatchObject([{ pointId: { S: set } }]);
    const [one] = await snapshots(simulated);
    await simulated.call('ec2', 'DeleteSnapshot', { SnapshotId: one?.id });
    expect(await rebuild()).toMatchObject({ points: 0, removed: 1 });
    expect(await table()).toEqual([]);
  });

  test('tells of points whose policy is gone', async () => {
    seed(simulated, [
      { daysAgo: 1 },
      { daysAgo: 1, tags: { [TAG.policy]: 'former' } },
      { daysAgo: 2, tags: { [TAG.policy]: 'former' } },
    ]);
    const ssm = simulated.account.service<import('../../../local/account/ssm/ssm.ts').SsmService>(
      'ssm',
      'eu-west-1',
    );
    ssm.putParameter('/backup-drill-test/policies/nightly', '{}');
    expect((await rebuild(['eu-west-1'])).policiesGone).toEqual([{ policy: 'former', points: 2 }]);
  });
});
