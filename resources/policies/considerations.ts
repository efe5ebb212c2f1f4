import { duration } from '../../shared/duration.ts';
import { parsed } from '../../shared/parsed.ts';
import { EXPECTED_MINUTES } from '../../shared/policy/expected.ts';
import { type Gaps, gapsOf } from '../../shared/policy/fireTimes.ts';
import type { PolicyBody } from '../../shared/policy/policy.ts';
import type { Schedule } from '../../shared/policy/schedule.ts';
import type { Consideration } from './consideration.ts';
import { considerSelection } from './considerSelection.ts';
import { deletionLimitFault } from './deletionLimit.ts';
import { PARAMETER_LIMIT, parameterValue } from './parameter.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * What the schema cannot see of one policy: whom it selects where, its times, its objectives and its size.
 * @param region the stage's, where it is known
 */
export function considerationsOf(
  policy: PolicyBody,
  stored: { name: string; tagKey: string; raw: object },
  now: Date,
  region?: string,
): Consideration[] {
  const { schedule, objectives } = policy;
  const expire = 'expire' in policy ? policy.expire : undefined;
  const size = Buffer.byteLength(parameterValue(stored.name, stored.tagKey, stored.raw));
  const found: Consideration[] = [];
  if (size > PARAMETER_LIMIT)
    found.push({
      path: [],
      message: `takes ${size} bytes as JSON, and its parameter holds ${PARAMETER_LIMIT}; make it shorter, such as by tags instead of ids, or divide it`,
    });
  if (policy.capture !== 'efs') found.push(...considerSelection(policy, stored.tagKey, region));
  const gaps = schedule && gapsOf(schedule, now.getTime());
  if (schedule && gaps) found.push(...ofTimes(schedule, gaps, ['schedule']));
  found.push(...ofDeletions(policy, gaps));
  if (expire)
    found.push(...ofTimes(expire.schedule, gapsOf(expire.schedule, now.getTime()), ['expire', 'schedule']));
  if (objectives?.rpo !== undefined) found.push(...ofRpo(objectives.rpo, schedule, gaps));
  return found;
}

/** A limit of deletions that stops a retention which only does what it should. */
function ofDeletions(policy: PolicyBody, gaps: Gaps | undefined): Consideration[] {
  const gap = gaps !== undefined && Number.isFinite(gaps.longest) ? gaps.longest : DAY;
  const message = deletionLimitFault(policy, gap);
  return message === undefined ? [] : [{ path: ['keep'], message, warning: true }];
}

function ofTimes(
  { cron, timezone }: Schedule,
  { longest, after, skipped }: Gaps,
  at: string[],
): Consideration[] {
  const path = [...at, 'cron'];
  const never = longest === Number.POSITIVE_INFINITY;
  if (never && after === undefined)
    return [{ path, message: `${cron} never comes; choose days that there are, and years to come` }];
  const found: Consideration[] = [];
  if (never && after !== undefined)
    found.push({
      path,
      message: `the last run is at ${moment(after)}; put * as the year to go on`,
      warning: true,
    });
  const [first] = skipped;
  if (first !== undefined)
    found.push({
      path,
      message: `${first.replace('T', ' ')} is skipped in ${timezone}, where the clocks go forward, and so is its run; choose a time that every day has, or the time zone UTC`,
      warning: true,
    });
  return found;
}

function ofRpo(rpo: string, schedule: Schedule | undefined, gaps: Gaps | undefined): Consideration[] {
  const path = ['objectives', 'rpo'];
  if (!schedule || !gaps)
    return [{ path, message: 'cannot be met without a schedule; add one, or leave this out' }];
  if (gaps.longest === Number.POSITIVE_INFINITY)
    return [{ path, message: 'cannot be met by a schedule that ends; put * as its year, or leave this out' }];
  const needed = gaps.longest / MINUTE + schedule.flexibleMinutes + EXPECTED_MINUTES;
  if (parsed(duration, rpo) >= needed * 60) return [];
  const since = schedule.cron !== undefined && gaps.after !== undefined ? ` after ${moment(gaps.after)}` : '';
  const window =
    schedule.flexibleMinutes > 0 ? `, the flexible window ${written(schedule.flexibleMinutes)}` : '';
  const message = `${rpo} cannot be met: the longest gap between two runs is ${written(gaps.longest / MINUTE)}${since}${window}, a run takes some ${EXPECTED_MINUTES} min, ${written(needed)} in all; run more often, or allow ${Math.ceil(needed / 60)}h`;
  return [{ path, message }];
}

/** `25 h 45 min`. */
function written(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : '']
    .filter((part) => part !== '')
    .join(' ');
}

function moment(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
