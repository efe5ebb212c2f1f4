import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { keep } from '../../../shared/retention/keep.ts';

const messageOf = (value: unknown) => v.safeParse(keep, value).issues?.[0]?.message;

describe('a retention', () => {
  test.each([
    [{ days: 14 }],
    [{ count: 1 }],
    [{ daily: 7 }],
    [{ hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 3 }],
  ])('may be %j', (value) => {
    expect(v.parse(keep, value)).toEqual(value);
  });

  test.each([
    [{}, 'keeps nothing: '],
    [{ days: 0 }, "'days' must be a whole number of at least 1: "],
    [{ daily: 1.5 }, "'daily' must be a whole number of at least 1: "],
    [{ count: '10' }, "'count' must be a whole number of at least 1: "],
    [{ days: 14, count: 10 }, 'mixes ways that exclude each other (days, count): '],
    [{ days: 14, daily: 7 }, 'mixes ways that exclude each other (days, daily): '],
    [{ dayly: 7 }, "has the unknown key 'dayly': "],
    [14, 'is not a retention: '],
    [null, 'is not a retention: '],
  ])('may not be %j', (value, words) => {
    expect(messageOf(value)).toBe(
      `${words}write { days: 14 }, or { count: 10 }, or any of { hourly, daily, weekly, monthly, yearly } with how many of each`,
    );
  });
});
