import * as z from 'zod';
import { nearest } from './nearest.ts';

/** Keys that other versions will know, with the sentence that says so. */
const NOT_BUILT: Record<string, string> = {
  accounts: 'other accounts are not built yet; deploy into each account and leave this out',
  copies: 'copies to other Regions or accounts are not built yet; leave this out',
  drill: 'scheduled drills are not built yet; leave this out and run `backup-drill drill`',
};

/** What is wrong with one key that an object does not take, and what to do. */
function unknownKey(key: string, known: readonly string[]): string {
  const notBuilt = NOT_BUILT[key];
  if (notBuilt !== undefined) return notBuilt;
  const meant = nearest(key, known);
  return meant === undefined
    ? `there is no such key; it takes ${known.join(', ')}`
    : `there is no such key; did you mean ${meant}?`;
}

/**
 * An object that takes no other keys than these. Of several that are wrong, the issue's message has a line for each,
 * in the order of the issue's `keys`.
 */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join('\n');
      return `must have keys of its own; it takes ${Object.keys(shape).join(', ')}`;
    },
  });
}
