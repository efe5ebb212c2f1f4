import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { faultLines } from '../../shared/parsed.ts';
import { strictObject } from '../../shared/strictObject.ts';

const person = strictObject({
  name: v.string('must be said'),
  age: v.optional(v.pipe(v.number(), v.minValue(0, 'is too small'))),
  home: v.optional(strictObject({ town: v.optional(v.string()) }), {}),
});
const faults = (value: unknown) => faultLines(v.safeParse(person, value).issues ?? [], 'all');

describe('an object that takes no other keys', () => {
  test('gives what it knows, with what was left out', () => {
    expect(v.parse(person, { name: 'Ada' })).toEqual({ name: 'Ada', home: {} });
    expect(Object.keys(v.parse(person, { name: 'Ada' }))).toEqual(['name', 'home']);
  });

  test('tells of each key that it does not know, inside too, and of what else is wrong', () => {
    expect(faults({ nam: 'Ada', age: -1, home: { city: 'x', zip: 1 }, more: 1 })).toEqual([
      'name: must be said',
      'age: is too small',
      'home.city: there is no such key; it takes town',
      'home.zip: there is no such key; it takes town',
      'nam: there is no such key; it takes name, age, home',
      'more: there is no such key; it takes name, age, home',
    ]);
  });

  test.each([[[]], [['name']], ['Ada'], [null], [undefined], [1]])('is not %j', (value) => {
    expect(faults(value)).toEqual(['all: must have keys of its own; it takes name, age, home']);
  });

  test('says of an unknown key what it is told to say', () => {
    const terse = strictObject({ a: v.string(), b: v.string() }, (key, known) => `${key}? ${known.join()}`);
    expect(v.safeParse(terse, { a: '', b: '', c: '' }).issues?.[0].message).toBe('c? a,b');
  });

  test('is one of several by what one key says', () => {
    const either = v.variant('kind', [
      strictObject({ kind: v.literal('a'), size: v.number('must be a number') }),
      v.pipe(
        strictObject({ kind: v.literal('b') }),
        v.check(() => false, 'never'),
      ),
    ]);
    expect(v.is(either, { kind: 'a', size: 1 })).toBe(true);
    expect(faultLines(v.safeParse(either, { kind: 'a', other: 1 }).issues ?? [], '')).toEqual([
      'size: must be a number',
      'other: there is no such key; it takes kind, size',
    ]);
    expect(v.safeParse(either, { kind: 'b' }).issues?.[0].message).toBe('never');
  });
});
