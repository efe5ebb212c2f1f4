import type { Flow, State } from './definition.ts';
import { StateFailure } from './failure.ts';
import type { Frame } from './frame.ts';
import type { Json } from './json.ts';
import type { Outcome } from './outcome.ts';
import { choose } from './states/choice.ts';
import { fail } from './states/fail.ts';
import { forEach } from './states/map.ts';
import { inParallel } from './states/parallel.ts';
import { pass } from './states/pass.ts';
import { succeed } from './states/succeed.ts';
import { perform } from './states/task.ts';
import { wait } from './states/wait.ts';
import { note, type Thread } from './thread.ts';

/** Runs a flow from its first state to its end. @returns the output of its last state @throws StateFailure, Interrupted */
export async function runFlow(flow: Flow, input: Json, thread: Thread): Promise<Json> {
  let name: string | undefined = flow.StartAt;
  let value = input;
  while (name !== undefined) {
    const state: State | undefined = flow.States[name];
    if (!state) throw new StateFailure('States.Runtime', `There is no state '${name}'`);
    const outcome = await visit(name, state, value, thread);
    value = outcome.output;
    name = outcome.next;
  }
  return value;
}

/** One stay in a state: its Entered event, what its type does, its Exited event, its variables. */
async function visit(name: string, state: State, input: Json, thread: Thread): Promise<Outcome> {
  const { account } = thread.run;
  account.meter.add('states:transition', 1);
  const text = JSON.stringify(input);
  account.meter.see('states:payload', Buffer.byteLength(text));
  const enteredId = note(thread, `${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name, input: text, inputDetails: { truncated: false } },
  });
  thread.inside = state.Type;
  const frame = { thread, name, input, enteredId, enteredAt: account.clock.now(), retryCount: 0 };
  const outcome = await act(state, frame);
  delete thread.inside;
  // A Fail state is never left: `act` has thrown.
  if (state.Type !== 'Fail') noteExit(`${state.Type}StateExited`, frame, outcome);
  Object.assign(thread.variables, outcome.assigned);
  return outcome;
}

function act(state: State, frame: Frame): Promise<Outcome> {
  switch (state.Type) {
    case 'Task':
      return perform(state, frame);
    case 'Choice':
      return choose(state, frame);
    case 'Wait':
      return wait(state, frame);
    case 'Pass':
      return pass(state, frame);
    case 'Succeed':
      return succeed(state, frame);
    case 'Fail':
      return fail(state, frame);
    case 'Parallel':
      return inParallel(state, frame);
    case 'Map':
      return forEach(state, frame);
  }
}

function noteExit(
  type: `${Exclude<State['Type'], 'Fail'>}StateExited`,
  frame: Frame,
  outcome: Outcome,
): void {
  const output = JSON.stringify(outcome.output);
  frame.thread.run.account.meter.see('states:payload', Buffer.byteLength(output));
  const assigned = Object.entries(outcome.assigned).map(([key, value]) => [key, JSON.stringify(value)]);
  note(frame.thread, type, {
    stateExitedEventDetails: {
      name: frame.name,
      output,
      outputDetails: { truncated: false },
      ...(assigned.length === 0
        ? {}
        : {
            assignedVariables: Object.fromEntries(assigned),
            assignedVariablesDetails: { truncated: false },
          }),
    },
  });
}
