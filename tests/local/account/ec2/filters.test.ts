import { describe, expect, test } from '@jest/globals';
import { matcher } from '../../../../local/account/ec2/filters.ts';
import { page } from '../../../../local/account/ec2/pages.ts';

const ITEMS = [
  { name: 'a', Tags: [{ Key: 'team', Value: 'red' }] },
  { name: 'a*b', Tags: [{ Key: 'team', Value: 'blue' }] },
  { name: 'a.b', Tags: [] },
  { name: 'abb\nc' },
];

function names(...filters: { Name: string; Values: string[] }[]): string[] {
  const passes = matcher<(typeof ITEMS)[number]>(filters, { name: (item) => [item.name] });
  return ITEMS.filter(passes).map((item) => item.name);
}

describe('matcher', () => {
  test.each([
    ['a literal', ['a'], ['a']],
    ['any of several', ['a', 'a.b'], ['a', 'a.b']],
    ['a star is any characters, line breaks too', ['a*'], ['a', 'a*b', 'a.b', 'abb\nc']],
    ['a question mark is one', ['a?b'], ['a*b', 'a.b']],
    ['an escaped star is itself', ['a\\*b'], ['a*b']],
    ['a dot is itself', ['a.b'], ['a.b']],
    ['case counts', ['A'], []],
    ['no value matches nothing', [], []],
  ])('%s', (_, Values, expected) => {
    expect(names({ Name: 'name', Values })).toEqual(expected);
  });

  test('tags by key and value, and by key alone; all filters must pass', () => {
    expect(names({ Name: 'tag:team', Values: ['r*'] })).toEqual(['a']);
    expect(names({ Name: 'tag-key', Values: ['team'] })).toEqual(['a', 'a*b']);
    expect(names({ Name: 'tag-key', Values: ['team'] }, { Name: 'name', Values: ['a?b'] })).toEqual(['a*b']);
  });

  test('refuses in the words of EC2 what it does not know, and too many', () => {
    expect(() => names({ Name: 'nmae', Values: ['a'] })).toThrow("The filter 'nmae' is invalid");
    expect(() => names({ Name: 'toString', Values: ['a'] })).toThrow("The filter 'toString' is invalid");
    const filter = { Name: 'name', Values: ['a'] };
    expect(names(...Array.from({ length: 50 }, () => filter))).toEqual(['a']);
    expect(() => names(...Array.from({ length: 51 }, () => filter))).toThrow('too many filters');
    expect(names({ Name: 'name', Values: Array.from({ length: 200 }, () => 'a') })).toEqual(['a']);
    expect(() => names({ Name: 'name', Values: Array.from({ length: 201 }, () => 'a') })).toThrow(
      'too many filters',
    );
  });
});

describe('page', () => {
  const items = Array.from({ length: 12 }, (_, at) => `item ${at}`);
  const list = items.map((item, at) => ({ place: at + 1, item }));

  test('goes through a list without losing or repeating anything', () => {
    const first = page(list, { MaxResults: 5 });
    const second = page(list, { MaxResults: 5, NextToken: first.NextToken });
    const third = page(list, { MaxResults: 5, NextToken: second.NextToken });
    expect([...first.items, ...second.items, ...third.items]).toEqual(items);
    expect(third.NextToken).toBeUndefined();
  });

  test('ends without a token where the last page is full, and is whole without a size', () => {
    expect(page(list, { MaxResults: 12 }).NextToken).toBeUndefined();
    expect(page(list, {})).toEqual({ items });
  });

  test('refuses sizes and tokens that are none', () => {
    expect(() => page(list, { MaxResults: 4 })).toThrow('parameter maxResults is invalid');
    expect(() => page(list, { MaxResults: 1001 })).toThrow('parameter maxResults is invalid');
    expect(() => page(list, { NextToken: 'zzz' })).toThrow('The specified NextToken is not valid.');
  });
});
