import * as v from 'valibot';
import { duration } from '../duration.ts';
import { faultLines } from '../parsed.ts';
import { EXPECTED_MINUTES } from '../policy/expected.ts';
import { gapsOf } from '../policy/fireTimes.ts';
import { schedule } from '../policy/schedule.ts';

const MINUTE = 60_000;

/** What the watch asks of a policy. The rest is not its business: a run says whether it can do it. */
export const watchedPolicy = v.object({
  name: v.string(),
  capture: v.string(),
  schedule: v.optional(schedule),
  objectives: v.optional(v.object({ rpo: v.optional(duration) }), {}),
  notify: v.optional(v.string(), 'failures'),
});

/** A policy of the deployment, as its parameter has it. */
export interface Watched {
  name: string;
  /** ISO 8601: when its parameter was last changed. */
  changedAt: string;
  /** Undefined when the parameter cannot be read, and then `fault` says why. */
  policy?: v.InferOutput<typeof watchedPolicy>;
  fault?: string;
}

/** Reads the value of a policy's parameter. */
export function watched(name: string, changedAt: string, value: string): Watched {
  try {
    const { success, output, issues } = v.safeParse(watchedPolicy, JSON.parse(value));
    if (success) return { name, changedAt, policy: output };
    return { name, changedAt, fault: faultLines(issues, 'policy')[0] ?? '' };
  } catch (error) {
    return { name, changedAt, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** How old the last complete run of a policy may be. */
export interface Allowance {
  /** Milliseconds. */
  age: number;
  /** `its RPO is 26 h`. */
  because: string;
}

/**
 * The policy's RPO; without one two gaps between its runs, so that one missed run is not told yet, and at least a gap
 * and what a run takes. Undefined when nothing is promised: without RPO and schedule, or with a schedule that ends.
 */
export function allowanceOf(policy: v.InferOutput<typeof watchedPolicy>, now: number): Allowance | undefined {
  const { rpo } = policy.objectives;
  if (rpo !== undefined) return { age: rpo * 1000, because: `its RPO is ${hours(rpo * 1000)}` };
  if (!policy.schedule) return undefined;
  const { longest } = gapsOf(policy.schedule, now);
  if (longest === Number.POSITIVE_INFINITY) return undefined;
  const oneMore = Math.max(longest, (policy.schedule.flexibleMinutes + EXPECTED_MINUTES) * MINUTE);
  return { age: longest + oneMore, because: `its runs are at most ${hours(longest)} apart` };
}

/** `26 h`, `30 min`, `3 days`. */
export function hours(milliseconds: number): string {
  const minutes = Math.round(milliseconds / MINUTE);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 72 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
