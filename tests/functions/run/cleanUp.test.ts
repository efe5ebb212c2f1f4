import type { Instance, Reservation, VpcEndpoint } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { launchSource } from '../../../functions/drill/launchSource.ts';
import { checkImage } from '../../../functions/image/checkImage.ts';
import { createImage } from '../../../functions/image/createImage.ts';
import { openEndpoints } from '../../../functions/network/openEndpoints.ts';
import { cleanUp } from '../../../functions/run/cleanUp.ts';
import { sweepLeftovers } from '../../../functions/run/sweepLeftovers.ts';
import { intend, made } from '../../../shared/ledger.ts';
import { ledgerOf, startSandboxed, withLedger } from '../sandboxed.ts';
import type { Simulated } from '../simulated.ts';

const runId = 'run-1';
const QUICK = { imageAvailable: [9, 9], snapshotStarted: [2, 2] } as const;
let simulated: Simulated;
beforeEach(async () => {
  simulated = await startSandboxed(QUICK);
});
afterEach(() => simulated.close());

const open = () => simulated.run(openEndpoints, { runId, endpoints: 'create' });
const launch = async (run = runId) => {
  const request = {
    runId: run,
    instanceType: 't4g.small',
    imageParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    dataVolumes: [{ deviceName: '/dev/sdf' }],
  };
  return (await simulated.run(launchSource, request)).instanceId;
};
const image = async (instanceId: string, more: object = {}) => {
  const request = { runId, instanceId, consistency: 'none', fingerprintKey: 'f', keep: false, ...more };
  return (await simulated.run(createImage, request)).imageId;
};
const stage = (Key: string) =>
  simulated.call('s3', 'PutObject', { Bucket: 'staging', Key, Body: [Buffer.from('x')] });
const round = (since = simulated.now, limitSeconds = 3600) =>
  simulated.run(cleanUp, { runId, since, limitSeconds });
const sweep = (since = simulated.now) => simulated.run(sweepLeftovers, { runId, since, limitSeconds: 120 });

/** Rounds every 10 seconds until it is ready. */
async function cleanedUp() {
  const since = simulated.now;
  for (;;) {
    const looked = await round(since);
    if (looked.ready) return looked;
    await simulated.pass(10);
  }
}
/** Everything in the account that is not the stack's own. */
async function inventory() {
  const own = { Owners: ['self'], OwnerIds: ['self'] };
  const { Reservations } = await simulated.call('ec2', 'DescribeInstances');
  const { Images } = await simulated.call('ec2', 'DescribeImages', own);
  const { Snapshots } = await simulated.call('ec2', 'DescribeSnapshots', own);
  const { Volumes } = await simulated.call('ec2', 'DescribeVolumes');
  const { VpcEndpoints } = await simulated.call('ec2', 'DescribeVpcEndpoints');
  const { Contents } = await simulated.call('s3', 'ListObjectsV2', { Bucket: 'staging' });
  const instances: Instance[] = Reservations.flatMap((one: Reservation) => one.Instances);
  const endpoints: VpcEndpoint[] = VpcEndpoints;
  return {
    instances: instances.filter((one) => one.State?.Name !== 'terminated').length,
    images: Images.length,
    snapshots: Snapshots.length,
    volumes: Volumes.length,
    endpoints: endpoints.filter((one) => one.VpcEndpointType === 'Interface').length,
    objects: (Contents ?? []).length,
  };
}
const NOTHING = { instances: 0, images: 0, snapshots: 0, volumes: 0, endpoints: 0, objects: 0 };

describe('cleanUp and sweepLeftovers', () => {
  test('remove everything that a run made, and agree that nothing is left', async () => {
    await open();
    const instanceId = await launch();
    await simulated.pass(60);
    await simulated.until(checkImage, { imageId: await image(instanceId) });
    await stage('runs/run-1/m.gz');
    expect(await inventory()).toEqual({
      instances: 1,
      images: 1,
      snapshots: 2,
      volumes: 2,
      endpoints: 2,
      objects: 1,
    });
    expect((await sweep()).leftovers).toHaveLength(9);

    const cleaned = await cleanedUp();
    expect(cleaned.remaining).toEqual([]);
    expect(await inventory()).toEqual(NOTHING);
    expect(await sweep()).toMatchObject({ ready: true, leftovers: [], disagreements: [], ledger: 6 });
    expect((await ledgerOf(simulated, runId)).every((line) => line.goneAt !== undefined)).toBe(true);
  });

  test('wait for nothing but what AWS takes', async () => {
    await open();
    await launch();
    await simulated.pass(120);
    const since = Date.parse(simulated.now);
    await cleanedUp();
    expect((Date.parse(simulated.now) - since) / 1000).toBeLessThanOrEqual(70);
  });

  test('repeated, change nothing', async () => {
    await launch();
    await cleanedUp();
    const before = await ledgerOf(simulated, runId);
    expect(await round()).toMatchObject({ ready: true, remaining: [], removed: 0 });
    expect(await ledgerOf(simulated, runId)).toEqual(before);
  });

  test('touch nothing of another run, of a user, or what the run keeps', async () => {
    const mine = await launch();
    const other = await launch('run-2');
    const users = await simulated.userInstance();
    await simulated.until(checkImage, { imageId: await image(mine, { keep: true }) });
    await stage('runs/run-2/m.gz');
    await cleanedUp();
    expect((await simulated.instance(other)).State.Name).toBe('running');
    expect((await simulated.instance(users)).State.Name).toBe('running');
    expect(await inventory()).toMatchObject({ instances: 2, images: 1, snapshots: 2, objects: 1 });
    expect(await sweep()).toMatchObject({ leftovers: [], disagreements: [] });
  });

  test('find what was made although its id was never written', async () => {
    const { sandbox } = simulated.config;
    await withLedger(simulated, (dynamodb, table) =>
      intend(dynamodb, table, { runId, kind: 'instance', key: 'source', keep: false }),
    );
    await simulated.userInstance({
      SubnetId: sandbox.subnetId,
      SecurityGroupIds: [sandbox.instanceSecurityGroup],
      BlockDeviceMappings: [],
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'backup-drill:deployment', Value: 'backup-drill-test' },
            { Key: 'backup-drill:run', Value: runId },
          ],
        },
      ],
    });
    await cleanedUp();
    expect((await inventory()).instances).toBe(0);
    expect(await sweep()).toMatchObject({ leftovers: [], disagreements: [] });
  });

  test('do not believe at once that something new is not there', async () => {
    await simulated.close();
    simulated = await startSandboxed({ ...QUICK, idLag: [20, 20], listLag: [60, 60] });
    await launch();
    const first = await round();
    expect(first).toMatchObject({ ready: false, remaining: [{ kind: 'instance', key: 'source' }] });
    await cleanedUp();
    expect(await inventory()).toEqual(NOTHING);
  });

  test('get hold of the snapshots of an image that had only begun', async () => {
    await simulated.close();
    simulated = await startSandboxed({
      listLag: [30, 30],
      snapshotStarted: [15, 15],
      imageAvailable: [300, 300],
    });
    const instanceId = await launch();
    await simulated.pass(120);
    await image(instanceId);
    await cleanedUp();
    await simulated.pass(120);
    expect(await inventory()).toEqual(NOTHING);
  });

  test('delete the snapshots of an image that somebody else deregistered', async () => {
    const instanceId = await launch();
    await simulated.pass(60);
    const imageId = await image(instanceId);
    await simulated.until(checkImage, { imageId });
    await simulated.call('ec2', 'DeregisterImage', { ImageId: imageId });
    expect(await inventory()).toMatchObject({ images: 0, snapshots: 2 });
    await cleanedUp();
    expect(await inventory()).toEqual(NOTHING);
  });

  test('drop the image from the index of points', async () => {
    const instanceId = await launch();
    await simulated.pass(60);
    const imageId = await image(instanceId);
    await simulated.until(checkImage, { imageId });
    const Item = { resource: { S: instanceId }, pointId: { S: imageId } };
    await simulated.call('dynamodb', 'PutItem', { TableName: 'points', Item });
    await cleanedUp();
    const found = await simulated.call('dynamodb', 'GetItem', { TableName: 'points', Key: Item });
    expect(found.Item).toBeUndefined();
  });

  test('go on with the rest when one thing cannot be removed, and say why it stays', async () => {
    await open();
    const instanceId = await launch();
    simulated.account.faults.add({
      service: 'ec2',
      operation: 'TerminateInstances',
      times: 1000,
      error: { code: 'OperationNotPermitted', message: 'it is protected' },
    });
    const since = simulated.now;
    while (!(await round(since, 300)).ready) await simulated.pass(30);
    const last = await round(since, 300);
    expect(last.remaining).toEqual([
      {
        kind: 'instance',
        key: 'source',
        id: instanceId,
        reason: 'OperationNotPermitted: it is protected',
      },
    ]);
    expect(await inventory()).toMatchObject({ instances: 1, endpoints: 0 });
    const swept = await sweep(since);
    expect(swept.ready).toBe(true);
    expect(swept.leftovers).toEqual(
      expect.arrayContaining([{ kind: 'instance', id: instanceId, state: 'running' }]),
    );
  });

  test('never terminate what does not carry the run, whatever the ledger says', async () => {
    const users = await simulated.userInstance();
    await withLedger(simulated, async (dynamodb, table) => {
      await intend(dynamodb, table, { runId, kind: 'instance', key: 'source', keep: false });
      await made(dynamodb, table, { runId, kind: 'instance', key: 'source', id: users });
    });
    expect((await round()).remaining).toMatchObject([
      { id: users, reason: 'it belongs to deployment undefined, run undefined' },
    ]);
    expect((await simulated.instance(users)).State.Name).toBe('running');
  });

  test('a sweep sees what is not in the ledger, and what the ledger wrongly calls gone', async () => {
    const instanceId = await launch();
    await simulated.pass(60);
    const { Volumes } = await simulated.call('ec2', 'DescribeVolumes');
    const swept = await sweep();
    expect(swept.ready).toBe(false);
    expect(swept.disagreements).toEqual(
      expect.arrayContaining([
        `volume ${Volumes[0].VolumeId} carries the run's tag, but is not in its ledger`,
      ]),
    );
    expect(swept.leftovers).toContainEqual({ kind: 'instance', id: instanceId, state: 'running' });
  });

  test('a sweep sees by its id what lists do not show yet', async () => {
    await simulated.close();
    simulated = await startSandboxed({ ...QUICK, listLag: [600, 600] });
    const instanceId = await launch();
    expect((await sweep()).leftovers.map((one) => one.id)).toContain(instanceId);
  });
});
