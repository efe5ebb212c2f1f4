import type { StateOf } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import { asText, type Frame, fillAs } from '../frame.ts';

/** Fail: ends the flow with an error. @throws StateFailure always */
export async function fail(state: StateOf<'Fail'>, frame: Frame): Promise<never> {
  const error = state.Error === undefined ? undefined : await fillAs(frame, state.Error, 'Error', asText);
  const cause = state.Cause === undefined ? undefined : await fillAs(frame, state.Cause, 'Cause', asText);
  throw new StateFailure(error ?? '', cause);
}
