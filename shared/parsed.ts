import * as v from 'valibot';
import { faultWords } from './faultWords.ts';

/**
 * Parses what this product or AWS wrote. @throws ValiError with one line for all faults, each with its place, which
 * Valibot's own message leaves out
 */
export function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const error = new v.ValiError(result.issues);
  error.message = faultLines(result.issues, 'value').join('; ');
  throw error;
}

/** One line a fault: the key, or `whole` where it is all of it, and what is wrong with it. */
export function faultLines(issues: readonly v.BaseIssue<unknown>[], whole: string): string[] {
  return issues.map((issue) => `${v.getDotPath(issue) ?? whole}: ${faultWords(issue)}`);
}

/** Where inside a value an issue is: its keys, the outermost first. */
export function placeOf(
  input: unknown,
  first: string,
  ...rest: string[]
): [v.IssuePathItem, ...v.IssuePathItem[]] {
  const item = (key: string) => ({ type: 'unknown', origin: 'value', input, key, value: undefined }) as const;
  return [item(first), ...rest.map(item)];
}
