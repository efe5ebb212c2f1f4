import type { StateOf } from '../definition.ts';
import type { Frame } from '../frame.ts';
import { leave, type Outcome } from '../outcome.ts';

/** Pass: its input, or what Output makes of it. */
export async function pass(state: StateOf<'Pass'>, frame: Frame): Promise<Outcome> {
  return await leave(frame, state, frame.input);
}
