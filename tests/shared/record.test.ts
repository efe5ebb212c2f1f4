import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { faultLines } from '../../shared/parsed.ts';
import { record } from '../../shared/record.ts';

const sizes = record(
  v.pipe(v.string(), v.regex(/^[a-z_]+$/, 'is no name')),
  v.number('is no number'),
  'must be sizes',
);
const faults = (value: unknown) => faultLines(v.safeParse(sizes, value).issues ?? [], 'all');

describe('a record', () => {
  test('keeps every name, those too that mean something to JavaScript', () => {
    const value = JSON.parse('{ "a": 1, "constructor": 2, "prototype": 3, "__proto__": 4 }');
    expect(Object.entries(v.parse(sizes, value))).toEqual(Object.entries(value));
  });

  test('tells at which name a name or a value is wrong', () => {
    expect(faults({ a: 'x', B: 1, C: 'y' })).toEqual([
      'a: is no number',
      'B: is no name',
      'C: is no name',
      'C: is no number',
    ]);
  });

  test.each([[[]], [[1]], ['a'], [null], [undefined]])('is not %j', (value) => {
    expect(faults(value)).toEqual(['all: must be sizes']);
  });
});
