import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { keep } from '../../../shared/retention/keep.ts';

const messageOf = (value: unknown) => keep.safeParse(value).error?.issues[0]?.message;

describe('a retention', () => {
  test.each([
    [{ days: 14 }],
    [{ count: 1 }],
    [{ daily: 7 }],
    [{ hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 3 }],
  ])('may be %j', (value) => {
    expect(keep.parse(value)).toEqual(value);
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

  test('is published as JSON Schema in which an editor completes its keys', () => {
    const { anyOf } = z.toJSONSchema(keep, { io: 'input' });
    expect(anyOf?.map((way) => Object.keys(way.properties ?? {}))).toEqual([
      ['days'],
      ['count'],
      ['hourly', 'daily', 'weekly', 'monthly', 'yearly'],
    ]);
  });
});
