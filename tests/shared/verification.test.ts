import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { imageFaults, snapshotsOf } from '../../shared/verification.ts';

const expected = {
  rootDeviceName: '/dev/xvda',
  volumes: [
    { volumeId: 'vol-1', deviceName: '/dev/xvda', sizeGiB: 8, encrypted: true },
    { volumeId: 'vol-2', deviceName: '/dev/sdf', sizeGiB: 4, encrypted: false },
  ],
};
const image: Image = {
  State: 'available',
  RootDeviceName: '/dev/xvda',
  BlockDeviceMappings: [
    { DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1' } },
    { DeviceName: '/dev/sdf', Ebs: { SnapshotId: 'snap-2' } },
  ],
};
const StartTime = new Date('2026-01-01T00:00:00Z');
const first: Snapshot = {
  SnapshotId: 'snap-1',
  VolumeId: 'vol-1',
  State: 'completed',
  VolumeSize: 8,
  Encrypted: true,
  StartTime,
};
const second: Snapshot = {
  ...first,
  SnapshotId: 'snap-2',
  VolumeId: 'vol-2',
  VolumeSize: 4,
  Encrypted: false,
};

describe('the verification of an image', () => {
  test('an image with every volume in a completed snapshot has no fault', () => {
    expect(imageFaults(image, [first, second], expected)).toEqual([]);
  });

  test.each<[string, Image, Snapshot[]]>([
    ['the image is pending', { ...image, State: 'pending' }, [first, second]],
    [
      'its root device is /dev/sda1, not /dev/xvda',
      { ...image, RootDeviceName: '/dev/sda1' },
      [first, second],
    ],
    [
      '/dev/sdf (vol-2) is not in the image',
      { ...image, BlockDeviceMappings: image.BlockDeviceMappings?.slice(0, 1) },
      [first],
    ],
    ['/dev/sdf (vol-2) has snapshot snap-2, which is not there', image, [first]],
    ['/dev/sdf (vol-2) has snap-2, a snapshot of vol-9', image, [first, { ...second, VolumeId: 'vol-9' }]],
    ['/dev/sdf (vol-2) has snap-2, which is pending', image, [first, { ...second, State: 'pending' }]],
    ['/dev/sdf (vol-2) has snap-2 of 3 GiB instead of 4', image, [first, { ...second, VolumeSize: 3 }]],
    ['/dev/xvda (vol-1) is encrypted, but snap-1 is not', image, [{ ...first, Encrypted: false }, second]],
  ])('%s', (fault, seen, snapshots) => {
    expect(imageFaults(seen, snapshots, expected)).toEqual([fault]);
  });

  test('lists the snapshots in the order of the volumes, with their instants', () => {
    const done = { ...second, CompletionTime: new Date('2026-01-01T00:05:00Z') };
    expect(snapshotsOf([done, first], expected.volumes)).toEqual([
      expect.objectContaining({
        snapshotId: 'snap-1',
        deviceName: '/dev/xvda',
        startTime: StartTime.toISOString(),
      }),
      expect.objectContaining({ snapshotId: 'snap-2', completedAt: '2026-01-01T00:05:00.000Z' }),
    ]);
  });
});
