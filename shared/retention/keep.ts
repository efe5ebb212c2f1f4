import * as z from 'zod';

const some = z.int().positive();
const words = { error: (issue: { input?: unknown }) => fault(issue.input) };

const byAge = z.strictObject({ days: some }, words);
const byCount = z.strictObject({ count: some }, words);
const byCalendar = z
  .strictObject(
    {
      hourly: some.optional(),
      daily: some.optional(),
      weekly: some.optional(),
      monthly: some.optional(),
      yearly: some.optional(),
    },
    words,
  )
  .refine((keep) => Object.values(keep).some((value) => value !== undefined), words);

const ways = [byAge, byCount, byCalendar] as const;
const KEYS = [...ways.flatMap((way) => Object.keys(way.shape))];

/** What is wrong with a `keep`, in one line. */
function fault(value: unknown): string {
  const remedy =
    'write { days: 14 }, or { count: 10 }, or any of { hourly, daily, weekly, monthly, yearly } with how many of each';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `is not a retention: ${remedy}`;
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return `has the unknown key '${unknown}': ${remedy}`;
  const wrong = Object.entries(value).find(([, each]) => !some.safeParse(each).success);
  if (wrong) return `'${wrong[0]}' must be a whole number of at least 1: ${remedy}`;
  if (Object.keys(value).length === 0) return `keeps nothing: ${remedy}`;
  return `mixes ways that exclude each other (${Object.keys(value).join(', ')}): ${remedy}`;
}

/**
 * How long the recovery points of a resource are kept: `{ days }` by their age, `{ count }` by how many there are, or
 * one of each of the last so many hours, days, ISO weeks, months and years. Every number is at least 1, so that no
 * retention keeps nothing.
 */
export const keep = z.union(ways, words);
export type Keep = z.infer<typeof keep>;
/** The calendar way: which buckets, and how many of the latest of each. */
export type KeepCalendar = z.infer<typeof byCalendar>;
