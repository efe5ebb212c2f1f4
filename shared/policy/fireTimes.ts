import { type Cron, parseCron } from './cron.ts';
import type { Schedule } from './schedule.ts';
import { instantsOf, localTime } from './zone.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** February 29 comes every four years, and once in eight. */
const HORIZON = 9 * 366 * DAY;
/** Over so long the gaps of a schedule are looked at: it holds a leap year and the change of clocks several times. */
const LOOKED_AT = 5 * 366 * DAY;

/** When a schedule fires: instants in milliseconds, from one on (itself too) and before another. */
export function* fireTimes(schedule: Schedule, from: number, until: number): Generator<number> {
  if (schedule.rate !== undefined) {
    const every = rateOf(schedule.rate);
    for (let at = from; at < until; at += every) yield at;
    return;
  }
  for (const { instant } of localTimes(schedule, from, until)) if (instant !== undefined) yield instant;
}

/** The first moment after an instant at which a cron schedule fires, if any within nine years. */
export function nextFireTime(schedule: Schedule, after: number): number | undefined {
  if (schedule.rate !== undefined) return after + rateOf(schedule.rate);
  const [first] = fireTimes(schedule, after + 1, after + HORIZON).take(1);
  return first;
}

/**
 * The most runs that come within so many days, whenever those begin in the five years that are looked at. Counts to a
 * thousand, and no further.
 */
export function mostRunsWithin(days: number, schedule: Schedule, now: number): number {
  const length = Math.min(days * DAY, LOOKED_AT);
  const runs: number[] = [];
  let most = 0;
  for (const at of fireTimes(schedule, now, now + length + LOOKED_AT)) {
    runs.push(at);
    while ((runs[0] ?? at) <= at - length) runs.shift();
    most = Math.max(most, runs.length);
    if (most >= 1000) break;
  }
  return most;
}

/** A rate in milliseconds; `12 hours`. */
export function rateOf(rate: string): number {
  const [count = '', unit = ''] = rate.split(' ');
  const units: Record<string, number> = { minute: MINUTE, hour: 60 * MINUTE, day: DAY };
  return Number(count) * (units[unit.replace(/s$/, '')] ?? Number.NaN);
}

/** What a schedule's runs are apart. */
export interface Gaps {
  /** Milliseconds between the two runs that are farthest apart; infinite when there is a last one. */
  longest: number;
  /** The run that it follows. */
  after: number | undefined;
  /** Local times that the clocks skip, `2027-03-28T02:30`; a run is left out at each. */
  skipped: string[];
}

/** Looks five years ahead. Without any run, the longest gap is infinite and follows none. */
export function gapsOf(schedule: Schedule, now: number): Gaps {
  if (schedule.rate !== undefined) return { longest: rateOf(schedule.rate), after: now, skipped: [] };
  const skipped: string[] = [];
  let last: number | undefined;
  let longest = 0;
  let after: number | undefined;
  const note = (instant: number) => {
    if (last !== undefined && instant - last > longest) {
      longest = instant - last;
      after = last;
    }
    last = instant;
  };
  for (const { local, instant } of localTimes(schedule, now, now + LOOKED_AT)) {
    if (instant === undefined) skipped.push(new Date(local).toISOString().slice(0, 16));
    else note(instant);
  }
  const beyond = nextFireTime(schedule, last ?? now);
  if (beyond === undefined) return { longest: Number.POSITIVE_INFINITY, after: last, skipped };
  note(beyond);
  return { longest, after, skipped };
}

interface LocalTime {
  /** Milliseconds that read like UTC. */
  local: number;
  /** Undefined when the clocks skip it. */
  instant: number | undefined;
}

function* localTimes({ cron, timezone }: Schedule, from: number, until: number): Generator<LocalTime> {
  const rule: Cron = parseCron(cron ?? '');
  const midnight = (instant: number) => Math.floor(localTime(instant, timezone) / DAY) * DAY;
  const lastDay = Math.min(midnight(until), Date.UTC(rule.lastYear, 11, 31));
  for (let day = midnight(from); day <= lastDay; day += DAY) {
    if (!rule.onDay(day)) continue;
    const instantOf = instantsOf(day, timezone);
    for (const hour of rule.hours)
      for (const minute of rule.minutes) {
        const local = day + (hour * 60 + minute) * MINUTE;
        const instant = instantOf(local);
        const at = instant ?? local; // of what is skipped, the bounds need not be to the hour
        if (at >= from && at < until) yield { local, instant };
      }
  }
}
