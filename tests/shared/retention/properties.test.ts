import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../shared/retention/decide.ts';
import type { Point } from '../../../shared/retention/point.ts';
import { type History, histories, raised } from './histories.ts';

/** Cases of each of the properties: in all some 600 in npm test, and 11,000 in test:full. */
const CASES = process.env.TEST_FULL === '1' ? 1000 : 60;

const HOUR = 3600 * 1000;

/** Holds for every history. */
const always = (what: string, holds: (history: History) => void) =>
  test(what, () => {
    fc.assert(fc.property(histories, holds), { numRuns: CASES });
  });

const deletedOf = ({ points, terms }: History): Point[] =>
  decide(points, terms).flatMap(({ keep, point }) => (keep ? [] : [point]));

/** Here in the words of the invariant, not of the code: what may count as a backup. */
const isGood = ({ owner, policy, status, state }: Point) =>
  owner === 'ours' && policy === 'nightly' && status === 'verified' && state === 'available';

const time = ({ createdAt }: Point) => Date.parse(createdAt);
const validated = ({ validatedAt = '' }: Point) => Date.parse(validatedAt);
const latest = (points: Point[], by: (point: Point) => number) => Math.max(...points.map(by));

/** What a zone's own clock shows, as Intl writes it; the code under test counts by offsets instead. */
const written = (zone: string, period: 'hourly' | 'daily' | 'monthly' | 'yearly', point: Point): string => {
  const text = new Date(point.createdAt).toLocaleString('sv-SE', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  });
  const day = text.slice(0, 10);
  if (period === 'hourly') return `${text.slice(0, 13)} ${text.slice(text.indexOf('GMT'))}`;
  return { daily: day, monthly: day.slice(0, 7), yearly: day.slice(0, 4) }[period];
};

/** The Monday of a day's week tells weeks apart; again by what Intl writes. */
const monday = (zone: string, point: Point): string => {
  const day = new Date(`${written(zone, 'daily', point)}T12:00:00Z`);
  while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
};

describe('retention, whatever the history', () => {
  always('every point gets one decision, with a rule in words', ({ points, terms }) => {
    const decisions = decide(points, terms);
    expect(decisions.map((decision) => decision.point)).toEqual(points);
    for (const { rule } of decisions) expect(rule).toMatch(/^\S.*\S$/);
  });

  always('nothing goes that is held, foreign, or not understood', (history) => {
    for (const point of deletedOf(history)) {
      expect([point.owner, point.policy]).toEqual(['ours', 'nightly']);
      expect([point.locked, point.protected, point.shared, point.beingCopied]).toEqual([
        false,
        false,
        false,
        false,
      ]);
      expect(['verified', 'failed', 'pending', 'expiring']).toContain(point.status);
      if (point.status !== 'expiring') expect(point.state).not.toBe('pending');
      if (point.status === 'verified') expect(point.state).toBe('available');
    }
  });

  always(
    'what is marked as going goes only if it is a set, and while its resource has a good point',
    (history) => {
      const deleted = new Set(deletedOf(history));
      const stays = history.points.filter((point) => isGood(point) && !deleted.has(point));
      for (const point of deleted) {
        if (point.status !== 'expiring') continue;
        expect(point.kind).toBe('snapshots');
        const others = stays.filter(({ resource }) => resource === point.resource);
        expect(others).not.toEqual([]);
        if (point.validatedAt) expect(others.some(({ validatedAt }) => validatedAt)).toBe(true);
      }
    },
  );

  always('the last good point and the last validated ones of a resource stay', (history) => {
    const good = history.points.filter(isGood);
    for (const point of deletedOf(history).filter(isGood)) {
      const same = good.filter(({ resource }) => resource === point.resource);
      const newer = same.filter((other) => other !== point && time(other) >= time(point));
      expect(newer).not.toEqual([]);
      if (point.validatedAt === undefined) continue;
      const others = same.filter((other) => other !== point && other.validatedAt !== undefined);
      expect(latest(others, time)).toBeGreaterThanOrEqual(time(point));
      expect(latest(others, validated)).toBeGreaterThanOrEqual(validated(point));
    }
    const before = new Set(good.map(({ resource }) => resource));
    const deleted = new Set(deletedOf(history));
    const after = new Set(good.filter((point) => !deleted.has(point)).map(({ resource }) => resource));
    expect(after).toEqual(before);
  });

  always('leftovers go after 96 hours and not before', (history) => {
    const deleted = new Set(deletedOf(history));
    const now = history.terms.now.getTime();
    for (const point of history.points) {
      const { owner, policy, status, state } = point;
      const left = owner === 'ours' && policy === 'nightly' && (status === 'failed' || status === 'pending');
      const held = point.locked || point.protected || point.shared || point.beingCopied;
      if (left)
        expect(deleted.has(point)).toBe(!held && state !== 'pending' && now - time(point) > 96 * HOUR);
    }
  });

  always('what one run has deleted, the next one does not miss', (history) => {
    const deleted = new Set(deletedOf(history));
    const left = history.points.filter((point) => !deleted.has(point));
    expect(deletedOf({ ...history, points: left })).toEqual([]);
  });

  always('a run that was cut short anywhere is finished by the next one, with the same result', (history) => {
    const deleted = deletedOf(history);
    const half = new Set(deleted.filter((_, at) => at % 2 === 0));
    const left = history.points.filter((point) => !half.has(point));
    expect(deletedOf({ ...history, points: left })).toEqual(deleted.filter((point) => !half.has(point)));
  });

  always('to keep more never deletes more', (history) => {
    const before = new Set(deletedOf(history));
    for (const by of [1, 5]) {
      const terms = { ...history.terms, keep: raised(history.terms.keep, by) };
      for (const point of deletedOf({ ...history, terms })) expect(before).toContain(point);
    }
  });

  always('the order in which AWS lists the points means nothing', (history) => {
    const turned = deletedOf({ ...history, points: history.points.toReversed() });
    expect(new Set(turned)).toEqual(new Set(deletedOf(history)));
  });

  always('no resource means anything to another', (history) => {
    const deleted = new Set(deletedOf(history));
    for (const resource of ['i-1', 'i-2', 'i-3']) {
      const points = history.points.filter((point) => point.resource === resource);
      expect(deletedOf({ ...history, points })).toEqual(points.filter((point) => deleted.has(point)));
    }
  });

  always('another deployment that reads the same account deletes none of ours', (history) => {
    const theirs = deletedOf({ ...history, terms: { ...history.terms, deployment: 'theirs' } });
    for (const point of theirs) expect(point.owner).toBe('theirs');
  });

  always(
    'a good point that nothing else holds goes by its age, its number or its period alone',
    (history) => {
      const { keep, timeZone, now } = history.terms;
      const deleted = new Set(deletedOf(history));
      const good = history.points.filter(isGood);
      for (const point of good) {
        const same = good.filter(({ resource }) => resource === point.resource);
        const newer = same.filter((other) => time(other) > time(point));
        if (same.some((other) => other !== point && time(other) === time(point))) continue; // either may stay
        const held =
          point.locked || point.protected || point.shared || point.beingCopied || point.validatedAt;
        if (held || newer.length === 0) continue;
        if ('days' in keep)
          expect(deleted.has(point)).toBe(now.getTime() - time(point) > keep.days * 24 * HOUR);
        else if ('count' in keep) expect(deleted.has(point)).toBe(newer.length >= keep.count);
        else {
          const keptBy = (most: number | undefined, name: (point: Point) => string) => {
            const later = new Set(newer.map(name));
            return most !== undefined && !later.has(name(point)) && later.size < most;
          };
          const named = (['hourly', 'daily', 'monthly', 'yearly'] as const).map((period) =>
            keptBy(keep[period], (each) => written(timeZone, period, each)),
          );
          const weekly = keptBy(keep.weekly, (each) => monday(timeZone, each));
          expect(deleted.has(point)).toBe(!named.includes(true) && !weekly);
        }
      }
    },
  );
});
