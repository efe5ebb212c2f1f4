import { type Calendar, PERIODS, type Period } from './calendar.ts';
import type { Keep, KeepCalendar } from './keep.ts';
import type { Point } from './point.ts';

const DAY = 24 * 3600 * 1000;

/** What a retention says of the good points of one resource: why each stays, or why none of it keeps a point. */
export interface Kept {
  /** By the point's id. */
  reasons: Map<string, string>;
  /** Of every other point. */
  otherwise: string;
}

/**
 * Which good points of one resource a retention keeps. Protection, and that the last one stays, are not its business.
 * @param newestFirst good points of one resource
 */
export function keptBy(keep: Keep, newestFirst: readonly Point[], calendar: Calendar, now: Date): Kept {
  if ('days' in keep) return keptByAge(keep.days, newestFirst, now);
  if ('count' in keep) return keptByCount(keep.count, newestFirst);
  return keptByCalendar(keep, newestFirst, calendar);
}

/** Days of 24 hours: an age needs no calendar. */
function keptByAge(days: number, points: readonly Point[], now: Date): Kept {
  const young = points.filter((point) => now.getTime() - Date.parse(point.createdAt) <= days * DAY);
  const reason = `not older than ${count(days, 'day')}`;
  return {
    reasons: new Map(young.map((point) => [point.id, reason])),
    otherwise: `older than ${count(days, 'day')}`,
  };
}

function keptByCount(most: number, points: readonly Point[]): Kept {
  const newest = most === 1 ? 'the newest' : `one of the newest ${most}`;
  return {
    reasons: new Map(points.slice(0, most).map((point) => [point.id, newest])),
    otherwise: `not ${newest}`,
  };
}

/**
 * The newest point of each of the last so many hours, days, ... that have one. The newest, so that the latest point is
 * always kept and a month's copy holds the whole month; periods that have one, so that a pause in the backups lets
 * nothing expire.
 */
function keptByCalendar(keep: KeepCalendar, points: readonly Point[], calendar: Calendar): Kept {
  const reasons = new Map<string, string>();
  for (const period of PERIODS) {
    const most = keep[period];
    if (most === undefined) continue;
    for (const [bucket, point] of newestOfEach(period, most, points, calendar)) {
      const others = reasons.get(point.id);
      reasons.set(point.id, `${others === undefined ? '' : `${others}, `}${period} ${bucket}`);
    }
  }
  return { reasons, otherwise: 'not the newest of any period that is kept' };
}

function newestOfEach(
  period: Period,
  most: number,
  newestFirst: readonly Point[],
  calendar: Calendar,
): Map<string, Point> {
  const newest = new Map<string, Point>();
  for (const point of newestFirst) {
    const bucket = calendar.bucket(period, Date.parse(point.createdAt));
    if (newest.has(bucket)) continue;
    if (newest.size === most) break;
    newest.set(bucket, point);
  }
  return newest;
}

/** `1 day`, `14 days`. */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
