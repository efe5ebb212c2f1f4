import { describe, expect, test } from '@jest/globals';
import { Calendar, PERIODS } from '../../../shared/retention/calendar.ts';

const buckets = (timeZone: string, instant: string) => {
  const calendar = new Calendar(timeZone);
  return PERIODS.map((period) => calendar.bucket(period, Date.parse(instant)));
};

describe('the calendar of a time zone', () => {
  test.each([
    ['UTC', '2026-11-24T08:43:06Z', ['2026-11-24T08Z', '2026-11-24', '2026-W48', '2026-11', '2026']],
    // The last hour of a month in UTC is the first of the next one in Vienna.
    [
      'Europe/Vienna',
      '2026-01-31T23:30:00Z',
      ['2026-02-01T00+01:00', '2026-02-01', '2026-W05', '2026-02', '2026'],
    ],
    [
      'Europe/Vienna',
      '2025-12-31T23:30:00Z',
      ['2026-01-01T00+01:00', '2026-01-01', '2026-W01', '2026-01', '2026'],
    ],
    [
      'America/New_York',
      '2026-03-01T04:59:59Z',
      ['2026-02-28T23-05:00', '2026-02-28', '2026-W09', '2026-02', '2026'],
    ],
    [
      'America/New_York',
      '2024-03-01T04:59:59Z',
      ['2024-02-29T23-05:00', '2024-02-29', '2024-W09', '2024-02', '2024'],
    ],
    // ISO weeks at the turn of a year: a week is of the year that its Thursday is in.
    ['UTC', '2027-01-01T12:00:00Z', ['2027-01-01T12Z', '2027-01-01', '2026-W53', '2027-01', '2027']],
    ['UTC', '2024-12-30T12:00:00Z', ['2024-12-30T12Z', '2024-12-30', '2025-W01', '2024-12', '2024']],
    ['UTC', '2026-11-29T23:59:59Z', ['2026-11-29T23Z', '2026-11-29', '2026-W48', '2026-11', '2026']], // a Sunday
    ['UTC', '2026-11-30T00:00:00Z', ['2026-11-30T00Z', '2026-11-30', '2026-W49', '2026-11', '2026']], // a Monday
    [
      'Asia/Kathmandu',
      '2026-06-30T18:14:00Z',
      ['2026-06-30T23+05:45', '2026-06-30', '2026-W27', '2026-06', '2026'],
    ],
    [
      'Asia/Kathmandu',
      '2026-06-30T18:15:00Z',
      ['2026-07-01T00+05:45', '2026-07-01', '2026-W27', '2026-07', '2026'],
    ],
    [
      'Pacific/Kiritimati',
      '2026-12-31T10:00:00Z',
      ['2027-01-01T00+14:00', '2027-01-01', '2026-W53', '2027-01', '2027'],
    ],
  ])('in %s names %s', (timeZone, instant, names) => {
    expect(buckets(timeZone, instant)).toEqual(names);
  });

  test('an hour that comes twice when daylight saving ends is two hours of one day', () => {
    const first = buckets('Europe/Vienna', '2026-10-25T00:30:00Z');
    const second = buckets('Europe/Vienna', '2026-10-25T01:30:00Z');
    expect([first[0], second[0]]).toEqual(['2026-10-25T02+02:00', '2026-10-25T02+01:00']);
    expect([first[1], second[1]]).toEqual(['2026-10-25', '2026-10-25']);
  });

  test('a day on which daylight saving begins has 23 hours', () => {
    const calendar = new Calendar('Europe/Vienna');
    const hours = Array.from({ length: 48 }, (_, hour) => Date.UTC(2026, 2, 28, 12 + hour));
    const ofThatDay = hours.filter((hour) => calendar.bucket('daily', hour) === '2026-03-29');
    expect(ofThatDay).toHaveLength(23);
    expect(calendar.bucket('hourly', Date.parse('2026-03-29T00:59:59Z'))).toBe('2026-03-29T01+01:00');
    expect(calendar.bucket('hourly', Date.parse('2026-03-29T01:00:00Z'))).toBe('2026-03-29T03+02:00');
  });

  test('an island that moves by half an hour has a day of 24 and a half hours', () => {
    expect(buckets('Australia/Lord_Howe', '2026-04-04T14:45:00Z')[0]).toBe('2026-04-05T01+11:00');
    expect(buckets('Australia/Lord_Howe', '2026-04-04T15:15:00Z')[0]).toBe('2026-04-05T01+10:30');
  });

  test('there is none of an unknown zone', () => {
    expect(() => new Calendar('Europe/Viena')).toThrow(RangeError);
  });
});
