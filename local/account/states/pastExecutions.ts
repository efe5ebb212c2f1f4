import type { Execution } from './execution.ts';

/**
 * Executions that have ended, and how much of them is remembered: AWS forgets their events after 90 days, this account
 * those that ended first once there are too many, so that it can go on for as long as somebody likes.
 */
export class PastExecutions {
  readonly #most: number;
  readonly #remembered = new Set<Execution>();
  readonly #forgotten = new WeakSet<Execution>();
  #events = 0;

  /** @param most events in all that are remembered; the one that ended last always is. */
  constructor(most = 1_000_000) {
    this.#most = most;
  }

  /** Takes an execution that has just ended. */
  add(execution: Execution): void {
    this.#remembered.add(execution);
    this.#events += execution.history.events.length;
    for (const oldest of this.#remembered) {
      if (this.#events <= this.#most || oldest === execution) return;
      this.#remembered.delete(oldest);
      this.#forgotten.add(oldest);
      this.#events -= oldest.history.events.length;
      oldest.history.forget();
    }
  }

  hasForgotten(execution: Execution): boolean {
    return this.#forgotten.has(execution);
  }
}
