import { attempts } from '../attempts.ts';
import type { StateOf } from '../definition.ts';
import { checkSize, type Frame, fill } from '../frame.ts';
import type { Json } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import { runFlow } from '../run.ts';
import { BranchFailed, noteAborted, sideBySide } from '../sideBySide.ts';
import { note } from '../thread.ts';

/** Parallel: its branches side by side, all with the same input; the result is their outputs in the order written. */
export async function inParallel(state: StateOf<'Parallel'>, frame: Frame): Promise<Outcome> {
  return await attempts(frame, state, () => branches(state, frame));
}

async function branches(state: StateOf<'Parallel'>, frame: Frame): Promise<Json> {
  const { thread } = frame;
  const input = state.Arguments === undefined ? frame.input : await fill(frame, state.Arguments, 'Arguments');
  checkSize(input, frame.name);
  note(thread, 'ParallelStateStarted');
  try {
    const results = await sideBySide(
      thread,
      state.Branches.length,
      state.Branches.length,
      (index, branch) => {
        const flow = state.Branches[index];
        return flow ? runFlow(flow, input, branch) : Promise.resolve(null);
      },
    );
    // As on AWS, the next event follows the last branch, not this one.
    thread.run.history.add('ParallelStateSucceeded', thread.last);
    checkSize(results, frame.name);
    return results;
  } catch (error) {
    if (!(error instanceof BranchFailed)) throw error;
    thread.last = error.failed.thread.last;
    for (const { thread: other } of error.cut) noteAborted(other, thread.last);
    note(thread, 'ParallelStateFailed');
    throw error.reason;
  }
}
