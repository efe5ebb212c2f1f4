import type { Expression } from './expression.ts';
import type { Policy } from './policy.ts';

/**
 * Ids of the instances that a policy names to be taken, wherever it names them: whoever writes an id wants to hear when
 * it is gone. Not those that only say what is left out.
 */
export function namedIds({ include, exclude, ...rules }: Policy['select']): string[] {
  const excluded = new Set(exclude?.ids);
  const named = new Set([...idsIn(rules, true), ...idsIn(include, true)]);
  return [...named].filter((id) => !excluded.has(id));
}

/** @param taken whether what the expression matches is taken; `not` turns it around */
function idsIn(expression: Expression | undefined, taken: boolean): string[] {
  const { ids = [], anyOf = [], allOf = [], not } = expression ?? {};
  return [
    ...(taken ? ids : []),
    ...[...anyOf, ...allOf].flatMap((part) => idsIn(part, taken)),
    ...(not ? idsIn(not, !taken) : []),
  ];
}
