import { describe, expect, test } from '@jest/globals';
import { Throttle, TokenBucket } from '../../../../local/account/ec2/throttle.ts';
import { Region } from './region.ts';

describe('TokenBucket', () => {
  test('begins full, empties, and refills with time up to its size', () => {
    const bucket = new TokenBucket([5, 2], 0);
    const takes = (count: number, now: number) => bucket.take(count, now);
    expect([1, 2, 3, 4, 5, 6].map(() => takes(1, 0))).toEqual([true, true, true, true, true, false]);
    expect(takes(1, 499)).toBe(false); // 0.998 tokens
    expect(takes(1, 500)).toBe(true);
    expect(takes(1, 500)).toBe(false);
    expect(takes(4, 2_500)).toBe(true); // 2 s later: 4
    expect(takes(6, 100_000)).toBe(false); // never more than 5
    expect(takes(5, 100_000)).toBe(true);
  });
});

describe('Throttle', () => {
  /** How many calls pass at once, and how many more after ten seconds. */
  function passed(operation: string, request: object = {}): [number, number] {
    const throttle = new Throttle();
    const burst = (now: number) => {
      for (let count = 0; ; count++)
        try {
          throttle.charge(operation, request, now);
        } catch {
          return count;
        }
    };
    return [burst(0), burst(10_000)];
  }

  test.each([
    ['CreateImage', {}, 50, 50],
    ['DeleteSnapshot', {}, 100, 50],
    ['DeregisterImage', {}, 100, 50],
    ['CreateTags', {}, 100, 100],
    ['DescribeImages', {}, 100, 100],
    ['DescribeInstances', {}, 50, 50],
    ['DescribeInstances', { InstanceIds: ['i-1'] }, 50, 50],
    ['DescribeInstances', { Filters: [{ Name: 'tag:a', Values: ['b'] }] }, 100, 100],
    ['DescribeSnapshots', { MaxResults: 5 }, 100, 100],
    ['RunInstances', { MaxCount: 1 }, 5, 5],
    ['StartInstances', { InstanceIds: ['i-1'] }, 5, 5],
    ['StopInstances', { InstanceIds: ['i-1'] }, 50, 50],
    ['TerminateInstances', { InstanceIds: ['i-1'] }, 100, 50],
  ])('%s %j: %i at once, %i ten seconds later', (operation, request, first, later) => {
    expect(passed(operation, request)).toEqual([first, later]);
  });

  test('each instance of a call takes a resource token', () => {
    const throttle = new Throttle();
    throttle.charge('RunInstances', { MaxCount: 999 }, 0);
    throttle.charge('RunInstances', { MaxCount: 1 }, 0);
    expect(() => throttle.charge('RunInstances', { MaxCount: 1 }, 0)).toThrow('Request limit exceeded.');
    expect(() => throttle.charge('RunInstances', { MaxCount: 3 }, 1_000)).toThrow('Request limit exceeded.');
    expect(() => throttle.charge('RunInstances', { MaxCount: 2 }, 1_000)).not.toThrow();
  });
});

test('a service throttles before it asks IAM, and not at all when physics says so', async () => {
  const region = new Region();
  for (let call = 0; call < 100; call++) await region.call('DescribeImages');
  const asked = region.iam.asked.length;
  expect(await region.codeOf('DescribeImages')).toBe('RequestLimitExceeded');
  expect(region.iam.asked).toHaveLength(asked);
  await region.pass(1);
  expect(await region.codeOf('DescribeImages')).toBe('none');
  const free = new Region({ throttling: false });
  for (let call = 0; call < 101; call++) await free.call('DescribeImages');
});
