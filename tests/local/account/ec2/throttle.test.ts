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

/** Calls at moments in seconds; + passes, - is throttled. */
function sequence(operation: string, moments: number[], throttle = new Throttle(), request = {}): string {
  const passes = (seconds: number) => {
    try {
      throttle.charge(operation, request, Math.round(seconds * 1000));
      return '+';
    } catch {
      return '-';
    }
  };
  return moments.map(passes).join('');
}

const times = (count: number, moment: number) => Array.from({ length: count }, () => moment);

describe('sequences that were worked out by hand', () => {
  test('CreateImage: 50 at once, then one each 0.2 s', () => {
    const throttle = new Throttle();
    expect(sequence('CreateImage', times(52, 0), throttle)).toBe(`${'+'.repeat(50)}--`);
    // Tokens: 0.5 | 1.0 taken, 0.0 | 0.95 | 1.0 taken | 5 after a second, of which 3 are taken: 2 | 3.
    const moments = [0.1, 0.2, 0.39, 0.4, 1.4, 1.4, 1.4, 1.6, 1.6, 1.6, 1.6];
    expect(sequence('CreateImage', moments, throttle)).toBe('-+-++++' + '+++-');
  });

  test('CreateImage, 1,000 of them: the last of a burst every 10 s passes after 190 s', () => {
    const throttle = new Throttle();
    let passed = 0;
    let now = 0;
    for (; passed < 1000; now += 10)
      passed += sequence('CreateImage', times(50, now), throttle).replaceAll('-', '').length;
    // 50 at 0 s and 50 each 10 s: the twentieth burst is at 190 s.
    expect([passed, now - 10]).toEqual([1000, 190]);
  });

  test('DeregisterImage: 100 at once, 25 after 5 s, and never more than 100 saved up', () => {
    const throttle = new Throttle();
    expect(sequence('DeregisterImage', times(101, 0), throttle)).toBe(`${'+'.repeat(100)}-`);
    expect(sequence('DeregisterImage', times(26, 5), throttle)).toBe(`${'+'.repeat(25)}-`);
    expect(sequence('DeregisterImage', times(101, 1000), throttle)).toBe(`${'+'.repeat(100)}-`);
  });

  test('CreateTags: 10 a second after the first 100, and exactly that', () => {
    const throttle = new Throttle();
    expect(sequence('CreateTags', times(100, 0), throttle)).toBe('+'.repeat(100));
    expect(sequence('CreateTags', [0.09, 0.1, 0.1, 0.2, 0.3, 0.35, 0.4], throttle)).toBe('-+-++-+');
    const paced = Array.from({ length: 1000 }, (_, count) => 0.5 + count / 10);
    expect(sequence('CreateTags', paced, throttle)).toBe('+'.repeat(1000));
  });

  test('DescribeInstances: what is filtered and what is not have buckets of their own', () => {
    const throttle = new Throttle();
    expect(sequence('DescribeInstances', times(51, 0), throttle)).toBe(`${'+'.repeat(50)}-`);
    const paged = { MaxResults: 1000 };
    expect(sequence('DescribeInstances', times(101, 0), throttle, paged)).toBe(`${'+'.repeat(100)}-`);
    expect(sequence('DescribeInstances', [0.1, 0.1], throttle)).toBe('+-'); // 10 a second
    expect(sequence('DescribeInstances', [0.1, 0.1, 0.1], throttle, paged)).toBe('++-'); // 20 a second
  });

  test('TerminateInstances: of 1,000 at once the next 20 take a second', () => {
    const throttle = new Throttle();
    const of = (count: number) => ({ InstanceIds: Array.from({ length: count }, () => 'i-1') });
    expect(sequence('TerminateInstances', [0], throttle, of(1000))).toBe('+');
    expect(sequence('TerminateInstances', [0, 0.9, 1, 1], throttle, of(20))).toBe('--+-');
  });
});

describe('somebody else who calls', () => {
  test('with half of the refill leaves a full bucket full, and half to what is drained', () => {
    const throttle = new Throttle();
    throttle.takeInBackground('CreateImage', 2.5, 0);
    expect(sequence('CreateImage', times(51, 60), throttle)).toBe(`${'+'.repeat(50)}-`);
    // From 60 s on 2.5 tokens a second come: one each 0.4 s.
    const moments = [60.2, 60.4, 60.4, 60.8, 61.2, 61.5, 61.6];
    expect(sequence('CreateImage', moments, throttle)).toBe('-+-++-+');
  });

  test('with more than the refill empties it', () => {
    const throttle = new Throttle();
    throttle.takeInBackground('DeregisterImage', 25, 0); // 20 a second more than come back
    expect(sequence('DeregisterImage', [4.95, 4.96, 100], throttle)).toBe('+--');
  });

  test('is as if he had never been once he ends, and takes of no other action', () => {
    const throttle = new Throttle();
    throttle.takeInBackground('CreateImage', 10, 0);
    expect(sequence('CreateImage', [10], throttle)).toBe('-');
    throttle.takeInBackground('CreateImage', 0, 10_000);
    expect(sequence('CreateImage', [10.1, 10.2, 10.3, 10.4], throttle)).toBe('-+-+');
    expect(sequence('CreateTags', times(101, 10), throttle)).toBe(`${'+'.repeat(100)}-`);
  });

  test('is arranged for one Region, and throttled calls are counted by action', async () => {
    const region = new Region();
    region.ec2.callInBackground('CreateTags', 20);
    await region.pass(10); // 10 tokens less a second: nothing is left of the 100
    const [id = ''] = region.ec2.seedFleet({ count: 1 });
    expect(await region.codeOf('CreateTags', { Resources: [id], Tags: [] })).toBe('RequestLimitExceeded');
    const { meter, operator: principal } = region.account;
    const elsewhere = { principal, region: 'eu-central-1', service: 'ec2', operation: 'CreateTags' };
    await expect(region.account.call({ ...elsewhere, input: {} })).resolves.toEqual({});
    expect([...meter.throttled]).toEqual([['ec2:CreateTags', 1]]);
    expect(meter.calls.get('ec2:CreateTags')).toBe(2);
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
    ['CreateSnapshots', {}, 100, 50],
    ['DeleteSnapshot', {}, 100, 50],
    ['DeregisterImage', {}, 100, 50],
    ['CreateTags', {}, 100, 100],
    ['DescribeImages', {}, 100, 100],
    ['DescribeInstances', {}, 50, 50],
    ['DescribeInstances', { InstanceIds: ['i-1'] }, 50, 50],
    ['DescribeVolumes', { VolumeIds: ['vol-1'] }, 50, 50],
    ['DescribeSnapshots', {}, 50, 50],
    ['DescribeRegions', {}, 100, 100],
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
