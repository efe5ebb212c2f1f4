import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { parsed } from '../../shared/parsed.ts';

const schema = v.object({ a: v.array(v.object({ b: v.number('is no number') })) });

test('what fits comes back', () => {
  expect(parsed(schema, { a: [{ b: 1, c: 2 }] })).toEqual({ a: [{ b: 1 }] });
});

test('what does not is told of with its place, all of it', () => {
  expect(() => parsed(schema, { a: [{ b: 1 }, { b: '' }, { b: null }] })).toThrow(
    expect.objectContaining({ name: 'ValiError', message: 'a.1.b: is no number; a.2.b: is no number' }),
  );
  expect(() => parsed(schema, 1)).toThrow('value: must be keys with values');
});
