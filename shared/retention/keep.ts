import * as v from 'valibot';
import { strictObject } from '../strictObject.ts';

/** How many hours, days, points … are kept. Its faults are told by the retention that it stands in. */
export const keptNumber = v.custom<number>((value) => Number.isSafeInteger(value) && Number(value) >= 1);

const byAge = strictObject({ days: keptNumber });
const byCount = strictObject({ count: keptNumber });
const byCalendar = v.pipe(
  strictObject({
    hourly: v.optional(keptNumber),
    daily: v.optional(keptNumber),
    weekly: v.optional(keptNumber),
    monthly: v.optional(keptNumber),
    yearly: v.optional(keptNumber),
  }),
  v.check((keep) => Object.values(keep).some((value) => value !== undefined), words),
);

const ways = [byAge, byCount, byCalendar] as const;
const KEYS = [...ways.flatMap((way) => Object.keys(way.entries))];

/** What is wrong with a `keep`, in one line. */
function words({ input }: { input: unknown }): string {
  const remedy =
    'write { days: 14 }, or { count: 10 }, or any of { hourly, daily, weekly, monthly, yearly } with how many of each';
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return `is not a retention: ${remedy}`;
  const unknown = Object.keys(input).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `has the unknown key '${unknown}': ${remedy}`;
  const wrong = Object.entries(input).find(([, each]) => !v.is(keptNumber, each));
  if (wrong) return `'${wrong[0]}' must be a whole number of at least 1: ${remedy}`;
  if (Object.keys(input).length === 0) return `keeps nothing: ${remedy}`;
  return `mixes ways that exclude each other (${Object.keys(input).join(', ')}): ${remedy}`;
}

/**
 * How long the recovery points of a resource are kept: `{ days }` by their age, `{ count }` by how many there are, or
 * one of each of the last so many hours, days, ISO weeks, months and years. Every number is at least 1, so that no
 * retention keeps nothing.
 */
export const keep = v.union(ways, words);
export type Keep = v.InferOutput<typeof keep>;
/** The calendar way: which buckets, and how many of the latest of each. */
export type KeepCalendar = v.InferOutput<typeof byCalendar>;
