import * as z from 'zod';
import { duration } from '../duration.ts';
import { EXPECTED_MINUTES } from '../policy/expected.ts';
import { gapsOf } from '../policy/fireTimes.ts';
import { schedule } from '../policy/schedule.ts';

const MINUTE = 60_000;

/** What the watch asks of a policy. The rest is not its business: a run says whether it can do it. */
export const watchedPolicy = z.object({
  name: z.string(),
  capture: z.string(),
  schedule: schedule.optional(),
  objectives: z.object({ rpo: duration.optional() }).default({}),
  notify: z.string().default('failures'),
});

/** A policy of the deployment, as its parameter has it. */
export interface Watched {
  name: string;
  /** ISO 8601: when its parameter was last changed. */
  changedAt: string;
  /** Undefined when the parameter cannot be read, and then `fault` says why. */
  policy?: z.infer<typeof watchedPolicy>;
  fault?: string;
}

/** Reads the value of a policy's parameter. */
export function watched(name: string, changedAt: string, value: string): Watched {
  try {
    const { data, error } = watchedPolicy.safeParse(JSON.parse(value));
    if (data) return { name, changedAt, policy: data };
    const [issue] = error.issues;
    return { name, changedAt, fault: `${issue?.path.join('.')}: ${issue?.message}` };
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
export function allowanceOf(policy: z.infer<typeof watchedPolicy>, now: number): Allowance | undefined {
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
