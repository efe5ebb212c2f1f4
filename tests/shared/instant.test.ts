import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { instant } from '../../shared/instant.ts';

test.each([
  ['2026-01-31T09:30:00.000Z'],
  ['2026-01-31T09:30:00Z'],
  ['2026-01-31T09:30Z'],
  ['2026-01-31T09:30:00.123456Z'],
  ['2024-02-29T23:59:59Z'],
])('%s is an instant', (text) => {
  expect(v.is(instant, text)).toBe(true);
});

test.each([
  ['2026-01-31T09:30:00+01:00'],
  ['2026-01-31T09:30:00'],
  ['2026-01-31'],
  ['2026-02-29T09:30:00Z'],
  ['2026-02-30T09:30:00Z'],
  ['2026-13-01T09:30:00Z'],
  ['2026-01-31T24:00:00Z'],
  ['2026-01-31 09:30:00Z'],
  ['yesterday'],
  [1_769_851_800_000],
])('%s is none', (value) => {
  expect(v.is(instant, value)).toBe(false);
});
