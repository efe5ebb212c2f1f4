import { type Timer, TimerQueue } from './timerQueue.ts';

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
  #timers = new TimerQueue();
  /** Timers that the machine's own clock has, at a numeric speed. */
  #real = new Set<Timer>();
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
    const cancel = this.#timers.add(timer);
    this.#pump();
    return cancel;
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
    this.#real.add(timer);
    const done = () => {
      this.#real.delete(timer);
      this.#pump();
    };
    let handle: NodeJS.Timeout;
    const wait = () => {
      const real = (timer.due - this.now()) / Number(this.speed);
      handle = setTimeout(fire, Math.ceil(real));
    };
    // The machine's timers may come up to a millisecond early.
    const fire = () => (this.now() < timer.due ? wait() : void this.hold(timer.action).finally(done));
    wait();
    return () => {
      clearTimeout(handle);
      if (this.#real.has(timer)) done();
    };
  }

  /** Once everything that is ready has run (a turn of the event loop), fires the next timer. */
  #pump(): void {
    if (this.#pumping || this.#held > 0) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (this.#held > 0) return;
      if (this.#real.size > 0) return;
      const timer = this.#timers.take();
      if (!timer) {
        for (const resolve of this.#idlers.splice(0)) resolve();
        return;
      }
      this.#now = Math.max(this.#now, timer.due);
      void this.hold(timer.action);
    });
  }
}
