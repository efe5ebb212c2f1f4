/** A callback that is due at a virtual moment. */
interface Timer {
  due: number;
  order: number;
  action: () => unknown;
}

/**
 * The simulated account's time. At speed `max` it stands still while anything real is under way (a Lambda
 * function, a request, a shell) and then jumps to the next timer, so that hours pass in milliseconds and a run
 * is the same every time. At a numeric speed it follows the machine's own clock, that many times faster.
 */
export class Clock {
  readonly speed: number | 'max';
  #now: number;
  #realStart = performance.now();
  #start: number;
  #order = 0;
  #held = 0;
  #pumping = false;
  #timers: Timer[] = [];
  #idlers: (() => void)[] = [];

  /** @param options start: milliseconds since the epoch; speed: `max`, or virtual seconds a real second. */
  constructor(options: { start?: number; speed?: number | 'max' } = {}) {
    this.#start = options.start ?? Date.now();
    this.#now = this.#start;
    this.speed = options.speed ?? 'max';
  }

  /** Virtual milliseconds since the epoch. */
  now(): number {
    if (this.speed === 'max') return this.#now;
    return Math.floor(this.#start + (performance.now() - this.#realStart) * this.speed);
  }

  /** Resolves once `ms` virtual milliseconds have passed. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs `action` after `ms` virtual milliseconds; a promise that it returns is held. Returns its cancellation. */
  after(ms: number, action: () => unknown): () => void {
    const due = this.now() + Math.max(0, ms);
    const timer = { due, order: this.#order++, action };
    if (this.speed !== 'max') return this.#afterReal(timer);
    this.#timers.splice(this.#position(timer), 0, timer);
    this.#pump();
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Keeps time still until `work` has settled. */
  async hold<T>(work: () => T | Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work();
    } finally {
      this.#held--;
      this.#pump();
    }
  }

  /** Resolves when no timer is left and nothing is held. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idlers.push(resolve);
      this.#pump();
    });
  }

  #afterReal(timer: Timer): () => void {
    this.#timers.push(timer);
    const done = () => {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.#pump();
    };
    const wait = (timer.due - this.now()) / Number(this.speed);
    const handle = setTimeout(() => void this.hold(timer.action).finally(done), Math.ceil(wait));
    return () => {
      clearTimeout(handle);
      if (this.#timers.includes(timer)) done();
    };
  }

  /** The place of a timer in the list, which is sorted with the next one last. */
  #position(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      const later =
        other && (other.due > timer.due || (other.due === timer.due && other.order > timer.order));
      if (later) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Once everything that is ready has run (a turn of the event loop), fires the next timer. */
  #pump(): void {
    if (this.#pumping || this.#held > 0) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (this.#held > 0) return;
      if (this.#timers.length === 0) {
        for (const resolve of this.#idlers.splice(0)) resolve();
        return;
      }
      if (this.speed !== 'max') return;
      const timer = this.#timers.pop();
      if (!timer) return;
      this.#now = Math.max(this.#now, timer.due);
      void this.hold(timer.action);
    });
  }
}
