import { describe, expect, test } from '@jest/globals';
import { decide, type Terms } from '../../../shared/retention/decide.ts';
import type { Point } from '../../../shared/retention/point.ts';
import { point } from './points.ts';

const terms = (more: Partial<Terms> = {}): Terms => ({
  keep: { count: 1 },
  policy: 'nightly',
  deployment: 'ours',
  timeZone: 'Europe/Vienna',
  now: new Date('2026-11-24T09:00:00Z'),
  ...more,
});

/** `id: rule` of what stays, and `- id: rule` of what goes. */
function words(points: Point[], more: Partial<Terms> = {}): string[] {
  return decide(points, terms(more)).map(
    ({ point, keep, rule }) => `${keep ? '' : '- '}${point.id}: ${rule}`,
  );
}

describe('by age', () => {
  test('a point stays for so many times 24 hours, to the second', () => {
    const points = [
      point('a', '2026-11-24T01:00:00Z'),
      point('b', '2026-11-10T09:00:00Z'),
      point('c', '2026-11-10T08:59:59Z'),
    ];
    expect(words(points, { keep: { days: 14 } })).toEqual([
      'a: not older than 14 days',
      'b: not older than 14 days',
      '- c: older than 14 days',
    ]);
  });

  test('an hour more in the night when daylight saving ends makes no difference', () => {
    const now = new Date('2026-10-26T01:15:00Z'); // 02:15 in Vienna; a day before it was 03:15
    const points = [
      point('a', '2026-10-26T00:15:00Z'),
      point('b', '2026-10-25T01:15:00Z'),
      point('c', '2026-10-25T00:15:00Z'),
    ];
    expect(words(points, { keep: { days: 1 }, now })).toEqual([
      'a: not older than 1 day',
      'b: not older than 1 day',
      '- c: older than 1 day',
    ]);
  });

  test('the last good point stays, however old', () => {
    const points = [point('a', '2020-01-01T00:00:00Z'), point('b', '2019-01-01T00:00:00Z')];
    expect(words(points, { keep: { days: 1 } })).toEqual([
      'a: last good point of i-1',
      '- b: older than 1 day',
    ]);
    expect(words(points, { keep: { days: 1 }, instances: new Set(['i-2']) })[0]).toBe(
      'a: last good point of i-1, which is gone: kept until somebody deletes it',
    );
    expect(words(points, { keep: { days: 1 }, instances: new Set(['i-1']) })[0]).toBe(
      'a: last good point of i-1',
    );
  });
});

describe('by count', () => {
  test('of each resource so many stay, in whatever order they come', () => {
    const points = [
      point('a', '2026-11-20T00:00:00Z'),
      point('b', '2026-11-22T00:00:00Z'),
      point('c', '2026-11-21T00:00:00Z'),
      point('d', '2026-01-01T00:00:00Z', { resource: 'i-2' }),
    ];
    expect(words(points, { keep: { count: 2 } })).toEqual([
      '- a: not one of the newest 2',
      'b: one of the newest 2',
      'c: one of the newest 2',
      'd: one of the newest 2',
    ]);
  });

  test('only good points count', () => {
    const points = [
      point('failed', '2026-11-23T00:00:00Z', { status: 'failed' }),
      point('pending', '2026-11-22T12:00:00Z', { status: 'pending' }),
      point('good', '2026-11-22T00:00:00Z'),
      point('older', '2026-11-21T00:00:00Z'),
    ];
    expect(words(points)).toEqual([
      'failed: failed, and not older than 96 hours',
      'pending: never verified, and not older than 96 hours',
      'good: the newest',
      '- older: not the newest',
    ]);
  });
});

describe('by calendar', () => {
  const keep = { daily: 2, weekly: 2, monthly: 2 };

  test('the newest of each day, week and month stays, and says for which', () => {
    const points = [
      point('tuesday-late', '2026-11-24T08:00:00Z'),
      point('tuesday', '2026-11-24T00:15:00Z'),
      point('monday', '2026-11-23T00:15:00Z'),
      point('sunday', '2026-11-22T00:15:00Z'),
      point('saturday', '2026-11-21T00:15:00Z'),
      point('last-of-october', '2026-10-31T00:15:00Z'),
      point('before', '2026-10-30T00:15:00Z'),
      point('september', '2026-09-30T00:15:00Z'),
    ];
    expect(words(points, { keep })).toEqual([
      'tuesday-late: daily 2026-11-24, weekly 2026-W48, monthly 2026-11',
      '- tuesday: not the newest of any period that is kept',
      'monday: daily 2026-11-23',
      'sunday: weekly 2026-W47',
      '- saturday: not the newest of any period that is kept',
      'last-of-october: monthly 2026-10',
      '- before: not the newest of any period that is kept',
      '- september: not the newest of any period that is kept',
    ]);
  });

  test('days begin at midnight of the policy, not of UTC', () => {
    const points = [point('a', '2026-11-23T23:15:00Z'), point('b', '2026-11-23T22:45:00Z')];
    expect(words(points, { keep: { daily: 2 } })).toEqual(['a: daily 2026-11-24', 'b: daily 2026-11-23']);
    expect(words(points, { keep: { daily: 2 }, timeZone: 'UTC' })).toEqual([
      'a: daily 2026-11-23',
      '- b: not the newest of any period that is kept',
    ]);
  });

  test('both hours of the night in which daylight saving ends count', () => {
    const points = [
      point('c', '2026-10-25T02:30:00Z'),
      point('b', '2026-10-25T01:30:00Z'),
      point('a', '2026-10-25T00:30:00Z'),
    ];
    expect(words(points, { keep: { hourly: 3 } })).toEqual([
      'c: hourly 2026-10-25T03+01:00',
      'b: hourly 2026-10-25T02+01:00',
      'a: hourly 2026-10-25T02+02:00',
    ]);
  });

  test('a pause lets nothing expire: only days that have a point count', () => {
    const points = [
      point('a', '2026-03-02T00:15:00Z'),
      point('b', '2026-03-01T00:15:00Z'),
      point('c', '2026-02-28T00:15:00Z'),
    ];
    expect(words(points, { keep: { daily: 2 } })).toEqual([
      'a: daily 2026-03-02',
      'b: daily 2026-03-01',
      '- c: not the newest of any period that is kept',
    ]);
  });

  test('years stay too', () => {
    const points = [
      point('a', '2026-06-01T00:00:00Z'),
      point('b', '2025-12-31T22:59:59Z'),
      point('c', '2024-12-31T23:00:00Z'),
    ];
    expect(words(points, { keep: { yearly: 3 } })).toEqual([
      'a: yearly 2026',
      'b: yearly 2025', // 23:59:59 in Vienna; c is of the first second of 2025 there
      '- c: not the newest of any period that is kept',
    ]);
  });
});

describe('never goes', () => {
  const old = '2020-01-01T00:00:00Z';
  const newest = point('newest', '2026-11-24T00:00:00Z');
  const ruleOf = (more: Partial<Point>, others: Partial<Terms> = {}) =>
    words([newest, point('x', old, more)], others)[1];

  test.each<[string, Partial<Point>]>([
    ['locked', { locked: true }],
    ['protected from deregistration', { protected: true }],
    ['shared', { shared: true }],
    ['still being copied', { beingCopied: true }],
    ['last validated by a drill', { validatedAt: '2020-01-02T00:00:00Z' }],
    ["not this deployment's", { owner: 'theirs' }],
    ["not this deployment's", { owner: undefined }],
    ['of policy weekly', { policy: 'weekly' }],
    ['of no policy: kept until somebody deletes it', { policy: undefined }],
    ['AWS is still making it', { status: 'pending', state: 'pending' }],
    ['AWS is still making it', { status: 'failed', state: 'pending' }],
    ['its status is unknown: kept until somebody looks at it', { status: undefined }],
    ['its status is fine: kept until somebody looks at it', { status: 'fine' }],
    ['verified, but disabled: kept until somebody looks at it', { state: 'disabled' }],
    ['locked', { locked: true, status: 'failed' }],
    ['locked', { locked: true, kind: 'snapshots', status: 'expiring' }],
    ['its status is expiring: kept until somebody looks at it', { status: 'expiring' }],
    ['verified, but incomplete: kept until somebody looks at it', { kind: 'snapshots', state: 'incomplete' }],
  ])('what is %s: %j', (rule, more) => {
    expect(ruleOf(more)).toBe(`x: ${rule}`);
  });

  test('what is of a policy that is gone', () => {
    const more = { policy: 'former' };
    expect(ruleOf(more, { policies: ['nightly'] })).toBe(
      'x: its policy former is gone: kept until somebody deletes it',
    );
    expect(ruleOf(more, { policies: ['nightly', 'former'] })).toBe('x: of policy former');
  });

  test('but it goes when nothing holds it', () => {
    expect(ruleOf({})).toBe('- x: not the newest');
    expect(ruleOf({ kind: 'snapshots', status: 'expiring' })).toBe('- x: its deletion has begun');
  });

  test('a set that is marked as going, while its resource has no good point', () => {
    const begun = { kind: 'snapshots', status: 'expiring' } as const;
    const others = [
      point('half', '2026-11-24T00:00:00Z', { kind: 'snapshots', state: 'incomplete' }),
      point('other', '2026-11-24T00:00:00Z', { resource: 'i-2' }),
    ];
    expect(words([...others, point('x', old, begun)]).at(-1)).toBe(
      'x: its deletion has begun, but i-1 has no good point: kept until somebody looks at it',
    );
  });

  test('a set that is marked as going, while no other of its resource is validated', () => {
    const x = point('x', old, { kind: 'snapshots', status: 'expiring', validatedAt: '2020-01-02T00:00:00Z' });
    expect(words([newest, x]).at(-1)).toBe(
      'x: its deletion has begun, but no other was validated by a drill: kept until somebody looks at it',
    );
    expect(words([{ ...newest, validatedAt: '2026-11-24T01:00:00Z' }, x]).at(-1)).toBe(
      '- x: its deletion has begun',
    );
  });

  test('of points that drills validated, the newest and the one validated last', () => {
    const points = [
      newest,
      point('a', '2026-11-20T00:00:00Z', { validatedAt: '2026-11-20T05:00:00Z' }),
      point('b', '2026-11-19T00:00:00Z', { validatedAt: '2026-11-22T05:00:00Z' }),
      point('c', '2026-11-18T00:00:00Z', { validatedAt: '2026-11-18T05:00:00Z' }),
    ];
    expect(words(points)).toEqual([
      'newest: the newest',
      'a: last validated by a drill',
      'b: last validated by a drill',
      '- c: not the newest',
    ]);
  });

  test('a good point for the sake of one that is not', () => {
    const points = [
      point('failed', '2026-11-24T00:00:00Z', { status: 'failed' }),
      point('disabled', '2026-11-24T00:00:00Z', { state: 'disabled' }),
      point('begun', '2026-11-24T00:00:00Z', { kind: 'snapshots', status: 'expiring' }),
      point('half', '2026-11-24T00:00:00Z', { kind: 'snapshots', state: 'incomplete' }),
      point('other', '2026-11-24T00:00:00Z', { resource: 'i-2' }),
      point('foreign', '2026-11-24T00:00:00Z', { owner: 'theirs' }),
      point('good', old),
    ];
    expect(words(points, { keep: { days: 1 } }).at(-1)).toBe('good: last good point of i-1');
  });
});

describe('leftovers', () => {
  test('of failed runs go after 96 hours', () => {
    const points = [
      point('a', '2026-11-20T09:00:00Z', { status: 'failed' }),
      point('b', '2026-11-20T08:59:59Z', { status: 'failed' }),
      point('c', '2026-11-20T08:59:59Z', { status: 'pending' }),
      point('d', '2026-11-20T08:59:59Z', { status: 'pending', state: 'failed' }),
    ];
    expect(words(points)).toEqual([
      'a: failed, and not older than 96 hours',
      '- b: failed, and older than 96 hours',
      '- c: never verified, and older than 96 hours',
      '- d: never verified, and older than 96 hours',
    ]);
  });
});
