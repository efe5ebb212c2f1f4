import { isObject } from '../../asl/json.ts';
import { like } from '../iam/patterns.ts';

/**
 * Whether an event fits a pattern of EventBridge: every field of the pattern is there with one of the values listed,
 * each a value itself,
 * `{ prefix }` or `{ anything-but: { wildcard } }`. @throws Error for content filters that are not simulated
 */
export function fits(event: unknown, pattern: unknown): boolean {
  if (!isObject(pattern)) throw new Error('a pattern is an object');
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = isObject(event) ? event[field] : undefined;
    if (!Array.isArray(wanted)) return fits(value, wanted);
    const values = Array.isArray(value) ? value : [value];
    return values.some((one) => wanted.some((choice) => fitsOne(one, choice)));
  });
}

function fitsOne(value: unknown, choice: unknown): boolean {
  if (!isObject(choice)) return value === choice;
  const [[filter, operand] = []] = Object.entries(choice);
  if (filter === 'anything-but' && isObject(operand) && typeof operand.wildcard === 'string')
    return !(typeof value === 'string' && like(operand.wildcard, value));
  if (filter !== 'prefix' || typeof operand !== 'string')
    throw new Error(`the content filter ${filter} is not simulated`);
  return typeof value === 'string' && value.startsWith(operand);
}
