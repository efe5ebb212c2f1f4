import { describe, expect, test } from '@jest/globals';
import { type InterlockFacts, interlockRefusals } from '../../shared/interlock.ts';

const launched = new Date('2026-01-02T03:04:05.000Z');
const expected = {
  instanceId: 'i-1',
  launchTime: launched.toISOString(),
  accountId: '1',
  runId: 'r',
  deployment: 'd',
  imageId: 'ami-1',
};
const tags = (pairs: Record<string, string>) =>
  Object.entries(pairs).map(([key, Value]) => ({
    Key: key.startsWith('aws:') ? key : `backup-drill:${key}`,
    Value,
  }));
const own = { terminate: 'allowed', deployment: 'd', run: 'r' };
const ofPoint = { status: 'verified', resource: 'i-1', deployment: 'd' };

const instance = {
  InstanceId: 'i-1',
  LaunchTime: launched,
  State: { Name: 'running' as const },
  Tags: tags(own),
  BlockDeviceMappings: [{ Ebs: { VolumeId: 'vol-1' } }, { Ebs: { VolumeId: 'vol-2' } }],
};
const image = {
  ImageId: 'ami-1',
  State: 'available' as const,
  Tags: tags(ofPoint),
  BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }, { Ebs: { SnapshotId: 'snap-2' } }],
};
const first = { SnapshotId: 'snap-1', VolumeId: 'vol-1', State: 'completed' as const };
const second = { SnapshotId: 'snap-2', VolumeId: 'vol-2', State: 'completed' as const };
const facts: InterlockFacts = {
  instance,
  ownerId: '1',
  callerAccountId: '1',
  image,
  snapshots: [first, second],
  terminationProtected: false,
};

const withTags = (more: Record<string, string>) => ({
  instance: { ...instance, Tags: tags({ ...own, ...more }) },
});
const withPoint = (more: object) => ({ image: { ...image, ...more } });
const pointTags = (more: Record<string, string>) => withPoint({ Tags: tags({ ...ofPoint, ...more }) });

describe('interlockRefusals', () => {
  test('lets go of a source whose every condition holds', () => {
    expect(interlockRefusals(facts, expected)).toEqual([]);
    expect(
      interlockRefusals({ ...facts, instance: { ...instance, State: { Name: 'stopped' } } }, expected),
    ).toEqual([]);
  });

  test.each<[string, Partial<InterlockFacts>, RegExp]>([
    ['is not there', { instance: undefined }, /i-1 is not there/],
    ['is another one', { instance: { ...instance, InstanceId: 'i-9' } }, /it is i-9, not i-1/],
    [
      'was launched at another time',
      { instance: { ...instance, LaunchTime: new Date(launched.getTime() + 1000) } },
      /launched at .*06\.000Z, not at .*05\.000Z/,
    ],
    ['is on its way somewhere', { instance: { ...instance, State: { Name: 'stopping' } } }, /it is stopping/],
    ['belongs to another account', { ownerId: '2' }, /belongs to account 2/],
    ['is seen from another account', { callerAccountId: '2' }, /this runs in account 2/],
    [
      'is not marked',
      { instance: { ...instance, Tags: tags({ deployment: 'd', run: 'r' }) } },
      /terminate is undefined/,
    ],
    ['is marked otherwise', withTags({ terminate: 'no' }), /terminate is no, not allowed/],
    ['belongs to another deployment', withTags({ deployment: 'other' }), /deployment other/],
    ['belongs to another run', withTags({ run: 'other' }), /run other/],
    [
      'is in an Auto Scaling group',
      withTags({ 'aws:autoscaling:groupName': 'web' }),
      /Auto Scaling group web/,
    ],
    ['is protected', { terminationProtected: true }, /termination protection is on/],
    ['may be protected', { terminationProtected: undefined }, /protection cannot be read/],
    ['has no recovery point', { image: undefined, snapshots: [] }, /recovery point ami-1 is not there/],
    ['has another recovery point', withPoint({ ImageId: 'ami-2' }), /is ami-2, not ami-1/],
    ['has one that is not available', withPoint({ State: 'pending' }), /pending, not available/],
    ['has one that is not verified', pointTags({ status: 'pending' }), /is pending, not verified/],
    ['has one of another instance', pointTags({ resource: 'i-9' }), /one of i-9/],
    ['has one of another deployment', pointTags({ deployment: 'other' }), /one of deployment other/],
    ['has a volume without a snapshot', { snapshots: [first] }, /vol-2 is in no snapshot/],
    [
      'has a volume whose snapshot is not in the image',
      withPoint({ BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }] }),
      /vol-2 is in no snapshot/,
    ],
    [
      'has a volume whose snapshot is not completed',
      { snapshots: [first, { ...second, State: 'pending' }] },
      /vol-2 is in snap-2, which is pending/,
    ],
    [
      'has volumes that cannot be read',
      { instance: { ...instance, BlockDeviceMappings: [] } },
      /cannot be read/,
    ],
  ])('refuses one that %s', (_, change, words) => {
    const refused = interlockRefusals({ ...facts, ...change }, expected);
    expect(refused.join('; ')).toMatch(words);
  });

  test('names every condition that does not hold, not only the first', () => {
    const change = { ...withTags({ terminate: 'no', run: 'other' }), terminationProtected: true };
    expect(interlockRefusals({ ...facts, ...change }, expected)).toHaveLength(3);
  });
});
