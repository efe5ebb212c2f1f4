import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { duration } from '../../shared/duration.ts';

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['26h', 93_600],
  ['2d', 172_800],
])('%s is %d seconds', (text, seconds) => {
  expect(v.parse(duration, text)).toBe(seconds);
});

test.each(['', '0s', '5', 'm', '1.5h', '-1h', '30 m', '30M', '12345678s'])('%j is no duration', (text) => {
  expect(v.safeParse(duration, text).success).toBe(false);
});
