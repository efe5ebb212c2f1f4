import * as v from 'valibot';

const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

/** An instant, ISO 8601 in UTC: `2026-01-31T09:30:00.000Z`. A day that its month does not have is none. */
export const instant = v.pipe(
  v.string(),
  v.check(isInstant, 'an instant in UTC, such as 2026-01-31T09:30:00Z'),
);

function isInstant(text: string): boolean {
  const at = SHAPE.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes February 30 for March 2.
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text.slice(0, 10);
}
