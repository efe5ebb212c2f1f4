import type { StateOf } from '../definition.ts';
import { asWhole, type Frame, fillAs } from '../frame.ts';
import type { Json } from '../json.ts';
import { leave, type Outcome } from '../outcome.ts';
import { pause } from '../thread.ts';

const asTimestamp = {
  type: 'timestamp (RFC 3339, with Z or an offset)',
  is: (value: Json): value is string =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
};

/** Wait: whole seconds, or until a moment; one that has passed is no wait. */
export async function wait(state: StateOf<'Wait'>, frame: Frame): Promise<Outcome> {
  await pause(frame.thread, await delay(state, frame));
  return await leave(frame, state, frame.input);
}

/** Virtual milliseconds to wait. */
async function delay(state: StateOf<'Wait'>, frame: Frame): Promise<number> {
  if (state.Seconds !== undefined) return (await fillAs(frame, state.Seconds, 'Seconds', asWhole(0))) * 1000;
  const until = await fillAs(frame, state.Timestamp ?? '', 'Timestamp', asTimestamp);
  return Math.max(0, Date.parse(until) - frame.enteredAt);
}
