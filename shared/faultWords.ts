import type * as v from 'valibot';

const KINDS: Record<string, string> = {
  string: 'text; put a number, true or false in quotes',
  number: 'a number, without quotes',
  boolean: 'true or false, without quotes',
  array: 'a list, such as [a, b]',
  object: 'keys with values',
  integer: 'a whole number',
  safe_integer: 'a whole number',
};

/** What is wrong, and so what is right, in words for a person: those of the schema, or where it has none, ours. */
export function faultWords(issue: v.BaseIssue<unknown>): string {
  const { message, type, received, input, requirement } = issue;
  if (!message.startsWith('Invalid ')) return message; // only the library's own begin so
  if (input === undefined) return 'is not there; add it';
  const kind = KINDS[type];
  if (kind !== undefined) return `must be ${kind}`;
  const among = choices(issue);
  if (among.length > 0) return `must be ${among.join(' or ')}`;
  const many = Array.isArray(input);
  if (type === 'min_value') return `is ${received}; it must be at least ${requirement}`;
  if (type === 'max_value') return `is ${received}; it must be at most ${requirement}`;
  if (type === 'min_length')
    return many ? 'is empty; name one, or leave it out' : 'is empty; write something';
  if (type === 'max_length')
    return many
      ? `has ${input.length}; it takes ${requirement} at most`
      : `is longer than ${requirement} characters`;
  return message;
}

/** What a choice is made of, which the library writes as `("a" | "b")`. */
function choices({ type, expected }: v.BaseIssue<unknown>): string[] {
  if (expected === null || !['picklist', 'literal', 'variant', 'union'].includes(type)) return [];
  return [...expected.matchAll(/"([^"]+)"/g)].map(([, choice = '']) => choice);
}
