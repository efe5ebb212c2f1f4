import fc from 'fast-check';
import type { Terms } from '../../../shared/retention/decide.ts';
import type { Keep } from '../../../shared/retention/keep.ts';
import type { Point } from '../../../shared/retention/point.ts';
import { point } from './points.ts';

/** Zones whose days have 23, 24, 24½ and 25 hours, and one that is never whole hours from UTC. */
const ZONES = [
  'UTC',
  'Europe/Vienna',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
];

/** Instants around which calendars go wrong: daylight saving, ends of months, of years, of a leap February. */
const TURNS = [
  '2026-03-29T01:00:00Z',
  '2026-10-25T01:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-04-04T15:00:00Z',
  '2026-01-01T00:00:00Z',
  '2027-01-03T23:00:00Z',
  '2024-02-29T12:00:00Z',
  '2026-04-30T22:00:00Z',
].map((instant) => Date.parse(instant));

const HOUR = 3600 * 1000;

/** Instants before a turn and a little after: minutes, hours, days or months away from each other. */
const instants = (turn: number): fc.Arbitrary<number> =>
  fc
    .record({
      unit: fc.constantFrom(HOUR / 60, HOUR / 4, HOUR, 24 * HOUR, 30 * 24 * HOUR),
      back: fc.integer({ min: -5, max: 40 }),
    })
    .map(({ unit, back }) => turn - unit * back);

const rare = fc.integer({ min: 0, max: 19 }).map((dice) => dice === 0);
const status = fc.constantFrom(
  'verified',
  'verified',
  'verified',
  'verified',
  'failed',
  'pending',
  'expiring',
  undefined,
);
const mostly = <Value>(usual: Value, ...others: Value[]) =>
  fc.integer({ min: 0, max: 19 }).map((dice) => others[dice] ?? usual);

const pointAround = (turn: number): fc.Arbitrary<Omit<Point, 'id'>> =>
  fc
    .record({
      createdAt: instants(turn).map((instant) => new Date(instant).toISOString()),
      resource: fc.constantFrom('i-1', 'i-1', 'i-2', 'i-3'),
      owner: mostly<string | undefined>('ours', 'theirs', undefined),
      policy: mostly<string | undefined>('nightly', 'weekly', 'former', undefined),
      status,
      kind: fc.constantFrom('ami', 'ami', 'snapshots'),
      state: mostly('available', 'disabled', 'pending', 'incomplete', 'incomplete'),
      validatedAt: fc.oneof(
        fc.constant(undefined),
        fc.constant(undefined),
        instants(turn).map((instant) => new Date(instant).toISOString()),
      ),
      locked: rare,
      protected: rare,
      shared: rare,
      beingCopied: rare,
    })
    // Only a set can be incomplete.
    .map((more) => (more.state === 'incomplete' ? { ...more, kind: 'snapshots' as const } : more))
    .map((more) => point('', more.createdAt, more));

const some = fc.integer({ min: 1, max: 12 });
const maybe = fc.option(some, { nil: undefined });

export const keeps: fc.Arbitrary<Keep> = fc.oneof(
  fc.record({ days: some }),
  fc.record({ count: some }),
  fc
    .record({ hourly: maybe, daily: maybe, weekly: maybe, monthly: maybe, yearly: maybe })
    .map((keep) => (Object.values(keep).every((each) => each === undefined) ? { ...keep, daily: 1 } : keep)),
);

export interface History {
  points: Point[];
  terms: Terms;
}

/** Points of some resources around one turn of the calendar, and what a retention goes by a little later. */
export const histories: fc.Arbitrary<History> = fc
  .constantFrom(...TURNS)
  .chain((turn) =>
    fc.record({
      points: fc.array(pointAround(turn), { maxLength: 30 }),
      keep: keeps,
      timeZone: fc.constantFrom(...ZONES),
      later: fc.integer({ min: 0, max: 24 * 40 }),
      turn: fc.constant(turn),
    }),
  )
  .map(({ points, keep, timeZone, later, turn }) => ({
    points: points.map((each, at) => ({ ...each, id: `ami-${at}` })),
    terms: {
      keep,
      timeZone,
      policy: 'nightly',
      deployment: 'ours',
      now: new Date(turn + later * HOUR),
      policies: ['nightly', 'weekly'],
    },
  }));

/** The same retention with some of its numbers raised. */
export function raised(keep: Keep, by: number): Keep {
  if ('days' in keep) return { days: keep.days + by };
  if ('count' in keep) return { count: keep.count + by };
  const { hourly, daily, weekly, monthly, yearly } = keep;
  // A way that was not there before only adds.
  return { hourly, daily: (daily ?? 0) + by + 1, weekly: weekly && weekly + by, monthly, yearly };
}
