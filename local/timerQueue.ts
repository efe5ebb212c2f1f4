/** A callback that is due at a virtual moment; of two of one moment, the one that was set first comes first. */
export interface Timer {
  readonly due: number;
  readonly order: number;
  readonly action: () => unknown;
}

interface Entry {
  timer: Timer;
  /** Its place in the heap, so that a cancellation need not look for it. */
  at: number;
}

/** Timers by their moments, in a binary heap: adding, taking the next and removing any cost the logarithm of their count. */
export class TimerQueue {
  #heap: Entry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Adds a timer. Returns its removal, which does nothing once the timer has been taken. */
  add(timer: Timer): () => void {
    const entry = { timer, at: this.#heap.length };
    this.#heap.push(entry);
    this.#rise(entry);
    return () => this.#remove(entry);
  }

  /** Takes out the timer that is due next. */
  take(): Timer | undefined {
    const first = this.#heap[0];
    if (first) this.#remove(first);
    return first?.timer;
  }

  #remove(entry: Entry): void {
    if (entry.at < 0) return;
    const last = this.#heap.pop();
    if (last && last !== entry) {
      this.#put(last, entry.at);
      this.#rise(last);
      this.#sink(last);
    }
    entry.at = -1;
  }

  #put(entry: Entry, at: number): void {
    this.#heap[at] = entry;
    entry.at = at;
  }

  #rise(entry: Entry): void {
    while (entry.at > 0) {
      const at = entry.at;
      const parent = this.#heap[(at - 1) >>> 1];
      if (!parent || isBefore(parent, entry)) return;
      this.#put(entry, parent.at);
      this.#put(parent, at);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const at = entry.at;
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || isBefore(entry, child)) return;
      this.#put(entry, child.at);
      this.#put(child, at);
    }
  }
}

function isBefore({ timer: one }: Entry, { timer: other }: Entry): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}
