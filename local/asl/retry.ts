import type { Retrier } from './definition.ts';
import type { StateFailure } from './failure.ts';

/** The retries of one stay in a state. Each retrier counts for itself; the first one that matches decides. */
export class Retries {
  #retriers: readonly Retrier[];
  #attempts = new Map<Retrier, number>();

  constructor(retriers: readonly Retrier[] = []) {
    this.#retriers = retriers;
  }

  /** Seconds until the next attempt, or undefined when there is none left. `random` is for jitter. */
  next(failure: StateFailure, random: () => number): number | undefined {
    const retrier = this.#retriers.find((one) => failure.matches(one.ErrorEquals));
    if (!retrier) return undefined;
    const done = this.#attempts.get(retrier) ?? 0;
    if (done >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#attempts.set(retrier, done + 1);
    const delay = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** done;
    const capped = Math.min(delay, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    return retrier.JitterStrategy === 'FULL' ? capped * random() : capped;
  }
}
