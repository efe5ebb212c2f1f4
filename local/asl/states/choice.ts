import type { StateOf } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import { asBoolean, type Frame, fillAs, whileExecuting } from '../frame.ts';
import { leave, type Outcome } from '../outcome.ts';

/** Choice: the first rule whose condition is true, else Default. The state's own Output and Assign go with Default. */
export async function choose(state: StateOf<'Choice'>, frame: Frame): Promise<Outcome> {
  for (const [at, rule] of state.Choices.entries()) {
    const holds = await fillAs(frame, rule.Condition, `Choices[${at}]/Condition`, asBoolean);
    if (holds) return await leave(frame, rule, frame.input, {}, `Choices[${at}]/`);
  }
  if (state.Default === undefined)
    throw new StateFailure(
      'States.Runtime',
      whileExecuting(
        frame,
        'Failed to transition out of the state. The state does not point to a next state.',
      ),
    );
  return await leave(frame, { ...state, Next: state.Default }, frame.input);
}
