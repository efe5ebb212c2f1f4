import type { Image } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { choosePointAmong, pointFault } from '../../shared/pointChoice.ts';
import { TAG, tagList } from '../../shared/tags.ts';

function point(
  ImageId: string,
  created: string,
  tags: Record<string, string> = {},
  State = 'available',
): Image {
  return {
    ImageId,
    State: State === 'available' ? 'available' : 'pending',
    Tags: tagList({
      [TAG.deployment]: 'ours',
      [TAG.status]: 'verified',
      [TAG.created]: created,
      [TAG.fingerprint]: 'points/x',
      ...tags,
    }),
  };
}
const points = [
  point('ami-2', '2026-01-02T00:00:00Z', { [TAG.validated]: '2026-01-02T04:00:00Z' }),
  point('ami-5', '2026-01-05T00:00:00Z', { [TAG.status]: 'failed' }),
  point('ami-3', '2026-01-03T00:00:00Z'),
  point('ami-4', '2026-01-04T00:00:00Z', { [TAG.deployment]: 'theirs' }),
];

describe('the choice of a recovery point', () => {
  test.each([
    ['latest', 'ami-3'],
    ['latest-validated', 'ami-2'],
    ['2026-01-02T12:00:00Z', 'ami-2'],
    ['2026-01-03T00:00:00Z', 'ami-3'],
    ['2026-01-01T00:00:00Z', undefined],
  ])('at %s it is %s', (at, expected) => {
    expect(choosePointAmong(points, at, 'ours')?.ImageId).toBe(expected);
  });

  test('is not the one whose tag tells of the future: AWS says when it was begun', () => {
    const wrong = { ...point('ami-1', '2099-01-01T00:00:00Z'), CreationDate: '2026-01-01T00:00:00.000Z' };
    expect(choosePointAmong([wrong, ...points], 'latest', 'ours')?.ImageId).toBe('ami-3');
    expect(choosePointAmong([wrong, ...points], '2026-01-01T12:00:00Z', 'ours')?.ImageId).toBe('ami-1');
  });

  test('an image that may not be restored says why', () => {
    const fault = (image: Image) => pointFault(image, 'ours');
    expect(fault(point('ami-1', ''))).toBeUndefined();
    expect(fault(point('ami-1', '', {}, 'pending'))).toBe('is pending');
    expect(fault(point('ami-1', '', { [TAG.status]: 'pending' }))).toContain('its status is pending');
    expect(fault(point('ami-1', '', { [TAG.deployment]: 'theirs' }))).toBe('belongs to deployment theirs');
    expect(fault({ ImageId: 'ami-1', State: 'available' })).toBe('is not a backup of ours');
  });
});
