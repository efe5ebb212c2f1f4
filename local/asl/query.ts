import jsonata from 'jsonata';
import { isObject, type Json } from './json.ts';

const compiled = new Map<string, jsonata.Expression>();

/** The source of an expression `{% … %}`, or undefined for any other value. */
export function sourceOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('{%') || !value.endsWith('%}')) return undefined;
  return value.slice(2, -2).trim();
}

/** Parses an expression, once. @throws JsonataError */
export function compile(source: string): jsonata.Expression {
  let parsed = compiled.get(source);
  if (!parsed) {
    parsed = jsonata(source);
    compiled.set(source, parsed);
  }
  return parsed;
}

/** Evaluates an expression. There is no input but the bindings, as in Step Functions. @returns undefined for nothing */
export async function evaluate(source: string, bindings: Record<string, unknown>): Promise<Json | undefined> {
  const result: unknown = await compile(source).evaluate(undefined, bindings);
  if (result === undefined) return undefined;
  const text = JSON.stringify(result, (_key, value) => {
    if (isFunction(value)) throw new Error('the result is a function');
    return value;
  });
  return JSON.parse(text);
}

function isFunction(value: unknown): boolean {
  return (
    typeof value === 'function' ||
    (isObject(value) && ('_jsonata_lambda' in value || '_jsonata_function' in value))
  );
}
