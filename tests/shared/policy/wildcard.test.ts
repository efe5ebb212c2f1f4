import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matchesPattern } from '../../../shared/policy/wildcard.ts';

test.each([
  ['prod', 'prod', true],
  ['prod', 'Prod', false],
  ['prod', 'production', false],
  ['prod*', 'production', true],
  ['*', '', true],
  ['?', '', false],
  ['?', '🙂', true],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXc', false],
  ['*.com', 'xcom', false],
  ['[ab]', 'a', false],
  ['a\\*', 'a\\b', true],
])('%s and %s', (pattern, text, matches) => {
  expect(matchesPattern(pattern, text)).toBe(matches);
});

test('without wildcards only the very same text matches', () => {
  const plain = fc.string().filter((text) => !/[*?]/.test(text));
  fc.assert(
    fc.property(plain, plain, (pattern, text) => matchesPattern(pattern, text) === (pattern === text)),
  );
  fc.assert(fc.property(plain, (text) => matchesPattern(text, text)));
});

test('a text matches every pattern that some of its letters were hidden in', () => {
  const hidden = fc.array(
    fc.tuple(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.constantFrom('text', '*')),
  );
  fc.assert(
    fc.property(hidden, (parts) => {
      const pattern = parts.map(([part, how]) => (how === 'text' ? part : '*')).join('');
      expect(matchesPattern(pattern, parts.map(([part]) => part).join(''))).toBe(true);
    }),
  );
});

test('many stars take no long time', () => {
  const started = performance.now();
  expect(matchesPattern(`${'*a'.repeat(128)}b`, 'a'.repeat(256))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
