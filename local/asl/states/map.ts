import { attempts } from '../attempts.ts';
import type { StateOf } from '../definition.ts';
import { asArray, asWhole, checkSize, type Frame, fill, fillAs, unexpected } from '../frame.ts';
import type { Json } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import { runFlow } from '../run.ts';
import { BranchFailed, noteAborted, sideBySide } from '../sideBySide.ts';
import { note, type Thread } from '../thread.ts';

/** Iterations of an inline Map at a time, at most. */
const INLINE_LIMIT = 40;

/** Map (inline): one flow for each item; the result is their outputs in the order of the items. */
export async function forEach(state: StateOf<'Map'>, frame: Frame): Promise<Outcome> {
  return await attempts(frame, state, () => iterations(state, frame));
}

async function iterations(state: StateOf<'Map'>, frame: Frame): Promise<Json> {
  const { thread } = frame;
  const { history } = thread.run;
  const items = await itemsOf(state, frame);
  const asked =
    state.MaxConcurrency === undefined
      ? 0
      : await fillAs(frame, state.MaxConcurrency, 'MaxConcurrency', asWhole(0));
  const limit = Math.min(asked || INLINE_LIMIT, INLINE_LIMIT);
  note(thread, 'MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  try {
    const results = await sideBySide(thread, items.length, limit, (index, iteration) =>
      iterate(state, frame, iteration, { Index: index, Value: items[index] ?? null }),
    );
    // As on AWS, the next event follows the last iteration, not this one.
    history.add('MapStateSucceeded', thread.last);
    checkSize(results, frame.name);
    return results;
  } catch (error) {
    if (!(error instanceof BranchFailed)) throw error;
    thread.last = error.failed.thread.last;
    noteIterationsOver(frame, error);
    note(thread, 'MapStateFailed');
    throw error.reason;
  }
}

/** The items: what Items comes to, else the state's input, which is data and never evaluated. */
async function itemsOf(state: StateOf<'Map'>, frame: Frame): Promise<Json[]> {
  if (state.Items !== undefined) return await fillAs(frame, state.Items, 'Items', asArray);
  if (asArray.is(frame.input)) return frame.input;
  throw unexpected(frame, 'Items', '$states.input', asArray.type);
}

/** The iterations that had not finished, in the order of the items: the one that failed, and those it cut off. */
function noteIterationsOver(frame: Frame, { failed, cut }: BranchFailed): void {
  const { run, last } = frame.thread;
  for (const { index, thread } of [...cut, failed].sort((a, b) => a.index - b.index)) {
    const details = { name: frame.name, index };
    if (index === failed.index) {
      run.history.add('MapIterationFailed', last, { mapIterationFailedEventDetails: details });
      continue;
    }
    run.history.add('MapIterationAborted', last, { mapIterationAbortedEventDetails: details });
    noteAborted(thread, last);
  }
}

async function iterate(
  state: StateOf<'Map'>,
  frame: Frame,
  thread: Thread,
  item: { Index: number; Value: Json },
): Promise<Json> {
  const details = { name: frame.name, index: item.Index };
  note(thread, 'MapIterationStarted', { mapIterationStartedEventDetails: details });
  thread.map = { Item: item };
  const selector = state.ItemSelector;
  const input =
    selector === undefined ? item.Value : await fill({ ...frame, thread }, selector, 'ItemSelector');
  checkSize(input, frame.name);
  const output = await runFlow(state.ItemProcessor, input, thread);
  note(thread, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
  return output;
}
