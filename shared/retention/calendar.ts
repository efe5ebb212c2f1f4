/** The periods that a calendar retention keeps points of, from the shortest to the longest. */
export const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type Period = (typeof PERIODS)[number];

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Offsets of time zones change at quarters of an hour only. */
const QUARTER = 15 * MINUTE;

/**
 * The calendar of a time zone: names the hour, day, ISO week, month and year that an instant falls in, such as
 * `2026-11-24` and `2026-W48`. An hour that comes twice when daylight saving ends is two hours, told apart by their
 * offsets from UTC. @throws RangeError for an unknown time zone.
 */
export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  /** Minutes east of UTC, by quarter of an hour since the epoch: asking Intl for each of many points is slow. */
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  /** @param instant milliseconds since the epoch. */
  bucket(period: Period, instant: number): string {
    const offset = this.#offset(instant);
    const local = new Date(instant + offset * MINUTE);
    const text = local.toISOString();
    switch (period) {
      case 'hourly':
        return `${text.slice(0, 13)}${offsetName(offset)}`;
      case 'daily':
        return text.slice(0, 10);
      case 'weekly':
        return isoWeek(local);
      case 'monthly':
        return text.slice(0, 7);
      case 'yearly':
        return text.slice(0, 4);
    }
  }

  #offset(instant: number): number {
    const quarter = Math.floor(instant / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = offsetIn(this.#format, quarter * QUARTER);
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }
}

/** Reads `GMT`, `GMT+5` or `GMT-03:30`. */
function offsetIn(format: Intl.DateTimeFormat, instant: number): number {
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d+)(?::(\d+))?)?/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `Z`, `+02:00`. */
function offsetName(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.abs(offset);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** ISO 8601: a week belongs to the year that its Thursday is in. `local` shows the local time as if it were UTC. */
function isoWeek(local: Date): string {
  const weekday = (local.getUTCDay() + 6) % 7; // Monday is 0
  const thursday = new Date(local.getTime() + (3 - weekday) * DAY);
  const year = thursday.getUTCFullYear();
  const days = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY);
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}
