import { expect, test } from '@jest/globals';
import { selectedKeys, selectsNothing } from '../../../resources/policies/emptySelection.ts';

const [a, b] = ['i-00000001', 'i-00000002'] as const;

test.each<[string, Parameters<typeof selectsNothing>[0]]>([
  ['everything is excluded', { all: true, exclude: { all: true } }],
  [
    'the same in other words',
    { tags: { Env: 'prod' }, exclude: { anyOf: [{ ids: [a] }, { not: { not: { all: true } } }] } },
  ],
  ['what is included is excluded too', { include: { all: true }, exclude: { all: true } }],
  ['rules that exclude one another', { allOf: [{ tags: { Env: 'prod' } }, { not: { all: true } }] }],
  ['each of several takes nothing', { anyOf: [{ not: { all: true } }] }],
  ['every id is excluded', { ids: [a, b], exclude: { ids: [b, a] } }],
  [
    'every value is excluded',
    { tags: { Env: ['prod', 'test'], Role: 'web' }, exclude: { tags: { Env: ['test', 'prod'] } } },
  ],
])('%s: nothing is selected', (_, select) => {
  expect(selectsNothing(select)).toBe(true);
});

test.each<[string, Parameters<typeof selectsNothing>[0]]>([
  ['by the tag of policies', {}],
  ['by the tag of policies, less some', { exclude: { tags: { backup: 'never' } } }],
  ['all', { all: true }],
  ['all but some', { all: true, exclude: { not: { tags: { Env: 'prod' } } } }],
  ['an id of two', { ids: [a, b], exclude: { ids: [b] } }],
  ['a value of two', { tags: { Env: ['prod', 'test'] }, exclude: { tags: { Env: 'test' } } }],
  [
    'those of the tag without the other one',
    { tags: { Env: 'prod' }, exclude: { tags: { Env: 'prod', Role: 'db' } } },
  ],
  ['what is included besides', { ids: [a], exclude: { ids: [a] }, include: { ids: [b] } }],
])('%s: something may be selected', (_, select) => {
  expect(selectsNothing(select)).toBe(false);
});

test('the keys that a selection looks at are those of all its parts', () => {
  const keys = selectedKeys({
    anyOf: [{ tags: { A: '1' } }, { not: { allOf: [{ tags: { B: '1' } }] } }],
    include: { tags: { C: '1' } },
    exclude: { tags: { D: '1', E: '1' } },
  });
  expect([...keys].sort()).toEqual(['A', 'B', 'C', 'D', 'E']);
});
