import type { StateOf } from '../definition.ts';
import type { Frame } from '../frame.ts';
import { leave, type Outcome } from '../outcome.ts';

/** Succeed: ends the flow with its input, or with what Output makes of it. */
export async function succeed(state: StateOf<'Succeed'>, frame: Frame): Promise<Outcome> {
  return await leave(frame, { Output: state.Output }, frame.input);
}
