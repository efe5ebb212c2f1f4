import { nearest } from './nearest.ts';

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** What is wrong with the name of a time zone, or undefined. Only IANA's names, as EventBridge Scheduler takes them. */
export function zoneFault(zone: string): string | undefined {
  const known = Intl.supportedValuesOf('timeZone');
  if (zone === 'UTC' || known.includes(zone)) return undefined;
  const sameLetters = known.find((name) => name.toLowerCase() === zone.toLowerCase());
  // Older names of a zone are none of those that are listed, but are taken.
  if (!sameLetters && /^[A-Z][A-Za-z]+(\/[A-Z][A-Za-z0-9_+-]*)+$/.test(zone) && isZone(zone))
    return undefined;
  const meant = sameLetters ?? nearest(zone, known);
  return `${zone} is no time zone; ${meant ? `did you mean ${meant}?` : 'write an IANA name such as Europe/Vienna'}`;
}

function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** The local time of an instant, as milliseconds that read like UTC. */
export function localTime(instant: number, zone: string): number {
  if (zone === 'UTC') return instant;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/**
 * Makes instants of the local times of one day, which are milliseconds that read like UTC, as `day` is, its midnight.
 * Of a time that comes twice it gives the first; of one that the clocks skip, undefined.
 */
export function instantsOf(day: number, zone: string): (local: number) => number | undefined {
  const offset = (instant: number) => localTime(instant, zone) - instant;
  // Zones are at most 14 hours from UTC, so these two moments lie before and after all of the day.
  const before = offset(day - DAY);
  const after = offset(day + 2 * DAY);
  if (before === after) return (local) => local - before;
  const offsets = [Math.max(before, after), Math.min(before, after)]; // the larger makes the earlier instant
  return (local) => offsets.map((one) => local - one).find((instant) => localTime(instant, zone) === local);
}
