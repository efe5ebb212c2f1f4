import { Interrupted } from './failure.ts';
import type { Json } from './json.ts';
import { branchOff, type Thread, unlessAborted } from './thread.ts';

/** A failure among flows that ran side by side: which one, and which others were cut off by it. */
export class BranchFailed extends Error {
  readonly reason: unknown;
  readonly failed: { index: number; thread: Thread };
  readonly cut: { index: number; thread: Thread }[];

  constructor(reason: unknown, failed: BranchFailed['failed'], cut: BranchFailed['cut']) {
    super('a branch failed');
    this.reason = reason;
    this.failed = failed;
    this.cut = cut;
  }
}

/** Notes in which state a thread was cut off, after the event `last`. The other types take no time to be cut off in. */
export function noteAborted({ run, inside }: Thread, last: number): void {
  if (inside === 'Task' || inside === 'Wait' || inside === 'Parallel' || inside === 'Map')
    run.history.add(`${inside}StateAborted`, last);
}

/**
 * Runs `count` flows, `limit` at a time, each in a thread of its own with a copy of the variables. The first failure
 * cuts the others off at once. The parent goes on from the event of the one that finished last.
 * @throws BranchFailed, Interrupted
 */
export async function sideBySide(
  parent: Thread,
  count: number,
  limit: number,
  flow: (index: number, thread: Thread) => Promise<Json>,
): Promise<Json[]> {
  const cutter = new AbortController();
  const signal = AbortSignal.any([parent.signal, cutter.signal]);
  const started = parent.last;
  const running = new Map<number, Thread>();
  const results: Json[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const thread = branchOff(parent, signal, started);
      running.set(index, thread);
      try {
        results[index] = await flow(index, thread);
      } catch (error) {
        // Whoever was cut off reports nothing: the first failure has.
        if (signal.aborted || error instanceof Interrupted) throw error;
        running.delete(index);
        const cut = [...running].map(([at, other]) => ({ index: at, thread: other }));
        cutter.abort(new Interrupted('a branch beside it failed'));
        throw new BranchFailed(error, { index, thread }, cut);
      }
      running.delete(index);
      parent.last = thread.last;
    }
  };
  const workers = Array.from({ length: Math.min(count, limit) }, worker);
  await unlessAborted(parent.signal, Promise.all(workers));
  return results;
}
