import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { fireTimes, gapsOf, nextFireTime } from '../../../shared/policy/fireTimes.ts';
import { schedule } from '../../../shared/policy/schedule.ts';

const HOUR = 3_600_000;
const cron = (text: string, timezone = 'UTC') => v.parse(schedule, { cron: text, timezone });

/** The first fire times from a moment on, without seconds. */
function first(count: number, text: string, from: string, timezone = 'UTC'): string[] {
  const start = Date.parse(from);
  const times = fireTimes(cron(text, timezone), start, start + 20 * 366 * 24 * HOUR);
  return [...times.take(count)].map((at) => new Date(at).toISOString().slice(0, 16));
}

// Worked out by hand with a calendar: 2026-01-01 is a Thursday, 2026-02-01 and 2026-03-01 are Sundays.
describe('a cron expression', () => {
  test.each([
    ['15 1 * * ? *', ['2026-01-01T01:15', '2026-01-02T01:15']],
    ['0/30 22-23 * * ? *', ['2026-01-01T22:00', '2026-01-01T22:30', '2026-01-01T23:00', '2026-01-01T23:30']],
    ['*/40 5 1 * ? *', ['2026-01-01T05:00', '2026-01-01T05:40', '2026-02-01T05:00']],
    ['5,1 10-20/5 1 1 ? *', ['2026-01-01T10:01', '2026-01-01T10:05', '2026-01-01T15:01']],
    ['0 9 ? * MON-FRI *', ['2026-01-01T09:00', '2026-01-02T09:00', '2026-01-05T09:00']],
    ['0 9 ? * 1,sat *', ['2026-01-03T09:00', '2026-01-04T09:00', '2026-01-10T09:00']],
    ['0 9 ? * L *', ['2026-01-03T09:00', '2026-01-10T09:00']],
    ['0 9 ? * 6L *', ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-27T09:00']],
    ['0 9 ? * 3#2 *', ['2026-01-13T09:00', '2026-02-10T09:00', '2026-03-10T09:00']],
    ['0 9 ? * 5#5 *', ['2026-01-29T09:00', '2026-04-30T09:00']],
    ['0 9 L * ? *', ['2026-01-31T09:00', '2026-02-28T09:00', '2026-03-31T09:00']],
    ['0 9 1W * ? *', ['2026-01-01T09:00', '2026-02-02T09:00', '2026-03-02T09:00']],
    ['0 9 1W AUG ? *', ['2026-08-03T09:00', '2027-08-02T09:00']], // Saturday the 1st, then Sunday the 1st
    ['0 9 31W JAN,MAY ? *', ['2026-01-30T09:00', '2026-05-29T09:00']],
    ['0 9 31W FEB,OCT ? *', ['2026-10-30T09:00', '2027-10-29T09:00']],
    ['0 9 29 2 ? *', ['2028-02-29T09:00', '2032-02-29T09:00']],
    ['0 9 1 JAN/6 ? 2027/2', ['2027-01-01T09:00', '2027-07-01T09:00', '2029-01-01T09:00']],
    ['0 9 1 1 ? 2026', ['2026-01-01T09:00']],
    ['0 9 31 2 ? *', []],
    ['0 9 1 1 ? 2020', []],
  ])('%s', (text, times) => {
    expect(first(times.length + (times.length < 2 ? 1 : 0), text, '2026-01-01T00:00:00Z')).toEqual(times);
  });

  test('fires at the moment it is asked from, and next after it', () => {
    const at = Date.parse('2026-01-01T01:15:00Z');
    const times = fireTimes(cron('15 1 * * ? *'), at, at + 1);
    expect([...times]).toEqual([at]);
    expect(nextFireTime(cron('15 1 * * ? *'), at)).toBe(at + 24 * HOUR);
    expect(nextFireTime(cron('15 1 31 2 ? *'), at)).toBeUndefined();
  });
});

describe('a time zone', () => {
  test('moves the day as well as the hour', () => {
    expect(first(2, '30 4 1 * ? *', '2026-01-01T00:00:00Z', 'Asia/Tokyo')).toEqual([
      '2026-01-31T19:30',
      '2026-02-28T19:30',
    ]);
    expect(first(1, '30 20 L * ? *', '2026-01-01T00:00:00Z', 'America/Los_Angeles')).toEqual([
      '2026-01-01T04:30',
    ]);
    expect(first(1, '0 1 * * ? *', '2026-01-01T00:00:00Z', 'Pacific/Kiritimati')).toEqual([
      '2026-01-01T11:00',
    ]);
  });

  // Vienna goes from 2:00 to 3:00 on 2026-03-29, and from 3:00 back to 2:00 on 2026-10-25.
  test('does not fire at a time that the clocks skip', () => {
    expect(first(3, '30 2 * * ? *', '2026-03-28T00:00:00Z', 'Europe/Vienna')).toEqual([
      '2026-03-28T01:30',
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ]);
  });

  test('fires once at a time that comes twice', () => {
    expect(first(3, '30 2 * * ? *', '2026-10-24T00:00:00Z', 'Europe/Vienna')).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('changes by half an hour where clocks do', () => {
    // Lord Howe goes from 2:00 to 2:30 on 2026-10-04.
    expect(first(2, '15 2 * * ? *', '2026-10-02T20:00:00Z', 'Australia/Lord_Howe')).toEqual([
      '2026-10-04T15:15',
      '2026-10-05T15:15',
    ]);
  });

  test('every minute of every day is there once, but what the clocks skip', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Vienna',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
    );
    const hours = fc.integer({ min: 0, max: 23 });
    const minutes = fc.integer({ min: 0, max: 59 });
    fc.assert(
      fc.property(zones, hours, minutes, (timezone, hour, minute) => {
        const from = Date.parse('2026-01-01T00:00:00Z');
        const times = [
          ...fireTimes(cron(`${minute} ${hour} * * ? *`, timezone), from, from + 365 * 24 * HOUR),
        ];
        const shown = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'short' });
        const wanted = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        expect(new Set(times.map((at) => shown.format(at)))).toEqual(new Set([wanted]));
        expect(times.length).toBeGreaterThanOrEqual(364);
        expect(times.length).toBeLessThanOrEqual(365);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the longest gap', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  test('of a nightly run is 24 hours, 25 where the clocks go back, and 47 where its time is skipped', () => {
    expect(gapsOf(cron('15 1 * * ? *'), now)).toMatchObject({ longest: 24 * HOUR, skipped: [] });
    expect(gapsOf(cron('15 1 * * ? *', 'Europe/Vienna'), now)).toMatchObject({
      longest: 25 * HOUR,
      after: Date.parse('2026-10-24T23:15:00Z'),
      skipped: [],
    });
    const skipping = gapsOf(cron('30 2 * * ? *', 'Europe/Vienna'), now);
    expect(skipping).toMatchObject({ longest: 47 * HOUR, after: Date.parse('2026-03-28T01:30:00Z') });
    expect(skipping.skipped.slice(0, 2)).toEqual(['2026-03-29T02:30', '2027-03-28T02:30']);
  });

  test('of working days spans the weekend, of February 29 four years, of a rate is the rate', () => {
    expect(gapsOf(cron('0 1 ? * MON-FRI *'), now).longest).toBe(72 * HOUR);
    expect(gapsOf(cron('0 1 29 2 ? *'), now).longest).toBe((4 * 365 + 1) * 24 * HOUR);
    expect(gapsOf(v.parse(schedule, { rate: '12 hours' }), now).longest).toBe(12 * HOUR);
  });

  test('has no end where runs have', () => {
    expect(gapsOf(cron('0 1 * * ? 2026'), now)).toMatchObject({
      longest: Number.POSITIVE_INFINITY,
      after: Date.parse('2026-12-31T01:00:00Z'),
    });
    expect(gapsOf(cron('0 1 30 2 ? *'), now)).toMatchObject({
      longest: Number.POSITIVE_INFINITY,
      after: undefined,
    });
  });
});
