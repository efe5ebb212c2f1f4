/**
 * When things really became so, whether or not anybody had noticed yet. Keys are `<resource>:<event>`:
 * `i-…:running`, `i-…:status-ok`, `i-…:online` (SSM), `i-…:stopped`, `i-…:terminated`, `ami-…:available`,
 * `snap-…:completed`, `<command id>:finished`, `vpce-…:available`, `vpce-…:deleted`.
 */
export class Timeline {
  #moments = new Map<string, number[]>();

  /** Notes that `event` of `resource` came about at `at` (virtual milliseconds); a reboot makes some come again. */
  note(resource: string, event: string, at: number): void {
    const key = `${resource}:${event}`;
    this.#moments.set(key, [...(this.#moments.get(key) ?? []), at]);
  }

  /** The latest moment of a `<resource>:<event>` that is not after `until`, or undefined when there is none. */
  at(key: string, until = Number.POSITIVE_INFINITY): number | undefined {
    return this.#moments.get(key)?.findLast((moment) => moment <= until);
  }
}
