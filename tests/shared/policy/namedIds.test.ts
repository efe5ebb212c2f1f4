import { expect, test } from '@jest/globals';
import { namedIds } from '../../../shared/policy/namedIds.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((letter) => `i-0000000${letter}`) as [
  string,
  string,
  string,
  string,
  string,
];

test('ids are named wherever they are to be taken, each once', () => {
  expect(namedIds({ ids: [a, b, a] })).toEqual([a, b]);
  expect(
    namedIds({
      anyOf: [
        { ids: [a] },
        { allOf: [{ ids: [b] }, { tags: { Env: 'prod' } }] },
        { not: { not: { ids: [c] } } },
      ],
      include: { anyOf: [{ ids: [d] }, { ids: [a] }] },
    }),
  ).toEqual([a, b, c, d]);
});

test('those that are only left out are not', () => {
  expect(namedIds({ all: true, exclude: { ids: [a] } })).toEqual([]);
  expect(namedIds({ allOf: [{ all: true }, { not: { ids: [e] } }] })).toEqual([]);
  expect(namedIds({ ids: [a, b], exclude: { ids: [b] } })).toEqual([a]);
});
