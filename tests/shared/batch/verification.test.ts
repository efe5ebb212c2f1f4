import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { setFaults } from '../../../shared/batch/setFaults.ts';
import { verifyItem } from '../../../shared/batch/verifyItem.ts';
import { TAG } from '../../../shared/tags.ts';
import { batchOf, item, later, volume } from './batches.ts';

const volumes = [volume(0), volume(1)];
const snapshot = (number: number, more: Partial<Snapshot> = {}): Snapshot => ({
  SnapshotId: `snap-${number}`,
  VolumeId: volume(number).volumeId,
  VolumeSize: 8,
  State: 'completed',
  StartTime: new Date(later(0)),
  Encrypted: false,
  ...more,
});
const at = (seconds: number) => ({ StartTime: new Date(later(seconds)) });

describe('a set of snapshots', () => {
  test.each<[string, Snapshot[], string[]]>([
    ['is a point when each volume is in one', [snapshot(0), snapshot(1)], []],
    ['may begin within some seconds, as AWS’s answers may differ', [snapshot(0), snapshot(1, at(4.999))], []],
    [
      'of two calls is none',
      [snapshot(0), snapshot(1, at(15))],
      ['its snapshots begin 15 seconds apart, so that no one call made them'],
    ],
    ['lacks a volume', [snapshot(0)], [`/dev/sdf (${volume(1).volumeId}) is in no snapshot`]],
    [
      'has a volume twice',
      [snapshot(0), snapshot(1), snapshot(1, { SnapshotId: 'snap-9' })],
      [`/dev/sdf (${volume(1).volumeId}) is in 2 snapshots of one run`],
    ],
    [
      'has one that failed',
      [snapshot(0), snapshot(1, { State: 'error', StateMessage: 'the key is gone' })],
      [`/dev/sdf (${volume(1).volumeId}) has snap-1, which is error: the key is gone`],
    ],
    [
      'has one of another size',
      [snapshot(0), snapshot(1, { VolumeSize: 4 })],
      [`/dev/sdf (${volume(1).volumeId}) has snap-1 of 4 GiB instead of 8`],
    ],
  ])('%s', (_, snapshots, faults) => {
    expect(setFaults(snapshots, volumes)).toEqual(faults);
  });

  test('of an encrypted volume is encrypted', () => {
    const encrypted = [{ ...volume(0), encrypted: true }];
    expect(setFaults([snapshot(0)], encrypted)).toEqual([
      `/dev/xvda (${volume(0).volumeId}) is encrypted, but snap-0 is not`,
    ]);
    expect(setFaults([snapshot(0, { Encrypted: true })], encrypted)).toEqual([]);
  });
});

describe('an item of a batch', () => {
  const captured = item(1, { state: 'captured', pointId: 'ami-1', ids: ['ami-1'], capturedAt: later(0) });
  const resource = [{ Key: TAG.resource, Value: captured.instanceId }];
  const image = (more: Partial<Image> = {}): Image => ({
    ImageId: 'ami-1',
    State: 'available',
    RootDeviceName: '/dev/xvda',
    Tags: resource,
    BlockDeviceMappings: volumes.map(({ deviceName }, number) => ({
      DeviceName: deviceName,
      Ebs: { SnapshotId: `snap-${number}`, VolumeSize: 8, Encrypted: false },
    })),
    ...more,
  });
  const made = (images: Image[], snapshots: Snapshot[] = [snapshot(0), snapshot(1)]) => ({
    images: new Map(images.map((one) => [one.ImageId ?? '', one])),
    snapshots: new Map([[captured.instanceId, snapshots]]),
  });
  const { policy } = batchOf([]);
  const sets = batchOf([], { capture: 'snapshots' }).policy;

  test('is verified with all that its point is made of', () => {
    expect(verifyItem(captured, made([image()]), policy)).toMatchObject({
      state: 'verified',
      point: 'verified',
      ids: ['ami-1', 'snap-0', 'snap-1'],
      consistency: 'crash',
      snapshots: [{ snapshotId: 'snap-0' }, { snapshotId: 'snap-1' }],
    });
    const set = { ...captured, pointId: 'run-1/i-1', ids: [] };
    expect(verifyItem(set, made([]), sets)).toMatchObject({ state: 'verified', ids: ['snap-0', 'snap-1'] });
  });

  test.each<[string, ReturnType<typeof made>, string]>([
    ['is not there any more', made([]), 'image ami-1 is not there any more'],
    [
      'failed',
      made([image({ State: 'failed', StateReason: { Message: 'A volume is gone' } })]),
      'ami-1 failed: A volume is gone',
    ],
    [
      'is pending',
      made([image({ State: 'pending' })], [snapshot(0), snapshot(1, { State: 'pending', Progress: '7%' })]),
      'ami-1 is still pending (/dev/sdf 7%)',
    ],
  ])('fails when its image %s', (_, captures, reason) => {
    expect(verifyItem(captured, captures, policy)).toMatchObject({
      state: 'failed',
      point: 'failed',
      reason,
    });
  });

  test('that failed is left as it is, unless something was made of it: that is marked', () => {
    const failed = item(1, { state: 'failed', reason: 'no' });
    expect(verifyItem(failed, { images: new Map(), snapshots: new Map() }, policy)).toEqual(failed);
    expect(verifyItem(failed, made([image()]), policy)).toEqual({
      ...failed,
      ids: ['ami-1', 'snap-0', 'snap-1'],
      point: 'failed',
    });
  });

  test('that failed after its capture stays failed, with a point that is judged by itself', () => {
    const late = item(1, { state: 'failed', reason: 'START IT', failedLate: true });
    expect(verifyItem(late, made([image()]), policy)).toMatchObject({
      state: 'failed',
      reason: 'START IT',
      pointId: 'ami-1',
      point: 'verified',
    });
    expect(verifyItem(late, made([image({ State: 'failed' })]), policy)).toMatchObject({
      state: 'failed',
      reason: 'START IT',
      point: 'failed',
    });
  });
});
