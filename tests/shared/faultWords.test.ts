import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { faultWords } from '../../shared/faultWords.ts';

const words = (schema: v.GenericSchema, value: unknown) =>
  (v.safeParse(schema, value).issues ?? []).map(faultWords);

test.each<[string, v.GenericSchema, unknown, string]>([
  ['its own words stay', v.pipe(v.string(), v.minLength(1, 'is empty: name one')), '', 'is empty: name one'],
  ['a number for text', v.string(), 5, 'must be text; put a number, true or false in quotes'],
  ['text for a number', v.number(), '5', 'must be a number, without quotes'],
  ['text for a switch', v.boolean(), 'yes', 'must be true or false, without quotes'],
  ['no list', v.array(v.string()), 'a', 'must be a list, such as [a, b]'],
  ['no object', v.object({}), 5, 'must be keys with values'],
  ['nothing', v.string(), undefined, 'is not there; add it'],
  ['a part of one', v.pipe(v.number(), v.integer()), 1.5, 'must be a whole number'],
  ['too little', v.pipe(v.number(), v.minValue(3)), 2, 'is 2; it must be at least 3'],
  ['too much', v.pipe(v.number(), v.maxValue(3)), 4, 'is 4; it must be at most 3'],
  ['none of a choice', v.picklist(['a', 'b']), 'c', 'must be a or b'],
  ['not what it has to be', v.literal('a'), 'c', 'must be a'],
  ['an empty list', v.pipe(v.array(v.string()), v.minLength(1)), [], 'is empty; name one, or leave it out'],
  ['an empty text', v.pipe(v.string(), v.minLength(1)), '', 'is empty; write something'],
  ['too many', v.pipe(v.array(v.string()), v.maxLength(1)), ['a', 'b'], 'has 2; it takes 1 at most'],
  ['too long', v.pipe(v.string(), v.maxLength(1)), 'ab', 'is longer than 1 characters'],
])('%s', (_, schema, value, wanted) => {
  expect(words(schema, value)).toEqual([wanted]);
});
