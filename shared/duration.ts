import * as v from 'valibot';

const SECONDS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/** A duration as a person writes it, `90s`, `30m`, `26h`, `2d`; parsed to seconds. */
export const duration = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,5}[smhd]$/, 'a number and s, m, h or d, such as 30m'),
  v.transform((text) => Number(text.slice(0, -1)) * (SECONDS.get(text.slice(-1)) ?? Number.NaN)),
);

/** Seconds between two instants, ISO 8601. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
