import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkImage } from '../../../functions/image/checkImage.ts';
import { checkSnapshotsStarted } from '../../../functions/image/checkSnapshotsStarted.ts';
import { createImage } from '../../../functions/image/createImage.ts';
import { markImage } from '../../../functions/image/markImage.ts';
import { verifyImage } from '../../../functions/image/verifyImage.ts';
import { describeTarget } from '../../../functions/instance/describeTarget.ts';
import { choosePoint } from '../../../functions/point/choosePoint.ts';
import { recordPoint } from '../../../functions/point/recordPoint.ts';
import { tagValue } from '../../../shared/tags.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
let instanceId: string;

beforeEach(async () => {
  simulated = await Simulated.start();
  instanceId = await simulated.userInstance();
});
afterEach(() => simulated.close());

const request = (more: object = {}) => ({
  runId: 'run-1',
  instanceId,
  consistency: 'none',
  fingerprintKey: 'points/f',
  keep: true,
  ...more,
});
const target = () => simulated.run(describeTarget, { instanceId, consistency: 'none', validated: false });
const image = async (imageId: string) =>
  (await simulated.call('ec2', 'DescribeImages', { ImageIds: [imageId] })).Images[0];

/** A whole capture, up to the verified facts. */
async function capture(runId = 'run-1') {
  const { imageId } = await simulated.run(createImage, request({ runId }));
  await simulated.until(checkImage, { imageId });
  const { rootDeviceName, volumes } = await target();
  return { imageId, ...(await simulated.run(verifyImage, { imageId, rootDeviceName, volumes })) };
}

describe('creating an image', () => {
  test('leaves an image and snapshots that say whose they are, and a line in the ledger', async () => {
    const { imageId, snapshots } = await capture();
    const { Tags, Name } = await image(imageId);
    expect(Name).toBe(`backup-drill ${instanceId} run-1`);
    expect(tagValue(Tags, 'backup-drill:resource')).toBe(instanceId);
    expect(tagValue(Tags, 'backup-drill:status')).toBe('pending');
    const ids = snapshots.map(({ snapshotId }) => snapshotId);
    const { Snapshots } = await simulated.call('ec2', 'DescribeSnapshots', { SnapshotIds: ids });
    expect(Snapshots).toHaveLength(2);
    for (const snapshot of Snapshots)
      expect(tagValue(snapshot.Tags, 'backup-drill:deployment')).toBe('backup-drill-test');
    const line = await simulated.call('dynamodb', 'GetItem', {
      TableName: 'runs',
      Key: { id: { S: 'run-1' }, entry: { S: `made#image#${Name}` } },
    });
    expect(line.Item).toMatchObject({ resourceId: { S: imageId }, keep: { BOOL: true } });
  });

  test('once more gives the same image', async () => {
    const first = await simulated.run(createImage, request());
    const second = await simulated.run(createImage, request());
    expect(second.imageId).toBe(first.imageId);
  });

  test('reboots only when asked to', async () => {
    const boots = () =>
      simulated.host.events.filter((event) => event.startsWith(`boot ${instanceId}`)).length;
    await capture();
    expect(boots()).toBe(1);
    await simulated.run(createImage, request({ runId: 'run-2', consistency: 'reboot' }));
    await simulated.pass(120);
    expect(boots()).toBe(2);
  });

  test('a repeat waits while lists do not show the first one', async () => {
    await simulated.close();
    simulated = await Simulated.start({ listLag: [30, 30] });
    instanceId = await simulated.userInstance();
    const first = await simulated.run(createImage, request());
    await expect(simulated.run(createImage, request())).rejects.toMatchObject({ name: 'NotYetListed' });
    await simulated.pass(31);
    expect((await simulated.run(createImage, request())).imageId).toBe(first.imageId);
  });

  test('AWS asking for patience has the one name that machines retry', async () => {
    const error = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.', status: 503 };
    simulated.account.faults.add({ service: 'ec2', operation: 'CreateImage', error });
    await expect(simulated.run(createImage, request())).rejects.toMatchObject({ name: 'Throttled' });
  });
});

describe('looking at an image', () => {
  test('right after its creation, when EC2 does not know it yet, it is not ready', async () => {
    await simulated.close();
    simulated = await Simulated.start({ idLag: [3, 3] });
    instanceId = await simulated.userInstance();
    const { imageId, askedAt } = await simulated.run(createImage, request());
    const looked = await simulated.run(checkImage, { imageId, since: askedAt, limitSeconds: 600 });
    expect(looked).toMatchObject({ ready: false, waitSeconds: 2, waitedFor: [`${imageId}:available`] });
  });

  test('one that is not known for 5 minutes is not there', async () => {
    const input = { imageId: 'ami-00000000000000001', since: simulated.now, limitSeconds: 3600 };
    await simulated.pass(301);
    await expect(simulated.run(checkImage, input)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  test('one that fails ends the wait, and so does the limit', async () => {
    const { imageId, askedAt } = await simulated.run(createImage, request());
    await simulated.pass(90);
    const late = { imageId, since: askedAt, limitSeconds: 60 };
    await expect(simulated.run(checkImage, late)).rejects.toMatchObject({ name: 'ResourceFailed' });
  });
});

describe('what was begun of the snapshots', () => {
  test('is all only when each volume has one with a start time', async () => {
    const { imageId, askedAt } = await simulated.run(createImage, request());
    const volumeIds = (await target()).volumes.map(({ volumeId }) => volumeId);
    const look = () =>
      simulated.run(checkSnapshotsStarted, { imageId, volumeIds, since: askedAt, limitSeconds: 600 });
    expect(await look()).toMatchObject({ ready: false, started: 0 });
    await simulated.pass(25);
    expect(await look()).toMatchObject({ ready: true, started: 2 });
  });
});

describe('verifying an image', () => {
  test('refuses one that is not available, and one that lacks a volume', async () => {
    const { imageId } = await simulated.run(createImage, request());
    const { rootDeviceName, volumes } = await target();
    await expect(simulated.run(verifyImage, { imageId, rootDeviceName, volumes })).rejects.toMatchObject({
      name: 'PointNotVerified',
      message: expect.stringContaining('the image is pending'),
    });
    await simulated.until(checkImage, { imageId });
    const another = { volumeId: 'vol-9', deviceName: '/dev/sdz', sizeGiB: 1, encrypted: true };
    await expect(
      simulated.run(verifyImage, { imageId, rootDeviceName, volumes: [...volumes, another] }),
    ).rejects.toMatchObject({ message: expect.stringContaining('/dev/sdz (vol-9) is not in the image') });
  });
});

describe('a recovery point', () => {
  async function verified(runId: string, createdAt?: string) {
    const captured = await capture(runId);
    const created = createdAt ?? captured.createdAt;
    await simulated.run(markImage, {
      imageId: captured.imageId,
      status: 'verified',
      consistency: 'crash',
      createdAt: created,
    });
    return { ...captured, createdAt: created };
  }

  test('is found by its tags, and only once it is verified', async () => {
    const pending = await capture('run-1');
    await expect(simulated.run(choosePoint, { imageId: pending.imageId })).rejects.toMatchObject({
      name: 'PointNotVerified',
    });
    await expect(simulated.run(choosePoint, { resource: instanceId })).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
    const point = await verified('run-2');
    expect(await simulated.run(choosePoint, { resource: instanceId, at: 'latest' })).toEqual({
      imageId: point.imageId,
      resource: instanceId,
      createdAt: point.createdAt,
      fingerprintKey: 'points/f',
    });
  });

  test('of a time is the last one before it', async () => {
    const old = await verified('run-1');
    const fresh = await verified('run-2');
    const at = (at: string) => simulated.run(choosePoint, { resource: instanceId, at });
    expect((await at('latest')).imageId).toBe(fresh.imageId);
    expect((await at(old.createdAt)).imageId).toBe(old.imageId);
    await expect(at('latest-validated')).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  test('is written to the index as it is', async () => {
    const { imageId, snapshots, createdAt } = await verified('run-1');
    const recoveryPoint = {
      imageId,
      resource: instanceId,
      createdAt,
      consistency: { asked: 'none', seen: 'crash' },
      snapshots,
      fingerprintKey: 'points/f',
    };
    await simulated.run(recordPoint, { runId: 'run-1', recoveryPoint });
    const { Item } = await simulated.call('dynamodb', 'GetItem', {
      TableName: 'points',
      Key: { resource: { S: instanceId }, pointId: { S: imageId } },
    });
    expect(Item).toMatchObject({ status: { S: 'verified' }, createdAt: { S: createdAt } });
  });

  test('marking one that is gone is done', async () => {
    const input = { imageId: 'ami-00000000000000001', status: 'failed' };
    expect(await simulated.run(markImage, input)).toEqual({ marked: [] });
  });
});
