import type * as v from 'valibot';
import { strictObject as strict } from '../strictObject.ts';
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

/** An object of a policy, which takes no other keys than these. */
export function strictObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return strict(entries, unknownKey);
}
