/**
 * When things really became so, whether or not anybody had noticed yet. Keys are `<resource>:<event>`:
 * `i-…:running`, `i-…:status-ok`, `i-…:online` (SSM), `i-…:stopped`, `i-…:terminated`, `ami-…:available`,
 * `snap-…:completed`, `<command id>:finished`, `vpce-…:available`, `vpce-…:deleted`.
 */
export class Timeline {
  readonly #most: number;
  #moments = new Map<string, number[]>();

  /** @param most of how many events it knows the moments; beyond them it forgets the one that came first. */
  constructor(most = 500_000) {
    this.#most = most;
  }

  /** Notes that `event` of `resource` came about at `at` (virtual milliseconds); a reboot makes some come again. */
  note(resource: string, event: string, at: number): void {
    const key = `${resource}:${event}`;
    const known = this.#moments.get(key);
    if (known) {
      known.push(at);
      return;
    }
    this.#moments.set(key, [at]);
    if (this.#moments.size <= this.#most) return;
    const oldest = this.#moments.keys().next();
    if (!oldest.done) this.#moments.delete(oldest.value);
  }

  /** The latest moment of a `<resource>:<event>` that is not after `until`, or undefined when there is none. */
  at(key: string, until = Number.POSITIVE_INFINITY): number | undefined {
    return this.#moments.get(key)?.findLast((moment) => moment <= until);
  }
}
