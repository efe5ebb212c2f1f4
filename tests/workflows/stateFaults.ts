import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Fault } from '../../local/account/faults.ts';
import type { StatesService } from '../../local/account/states/states.ts';
import type { LocalAccount } from '../../local/local.ts';

/** A state of a machine, as far as a fault needs it. */
export interface State {
  Type: string;
  Resource?: string;
  Arguments?: { FunctionName?: { 'Fn::GetAtt': string[] }; StateMachineArn?: { Ref: string }; Name?: string };
  Branches?: { States: Record<string, State> }[];
  ItemProcessor?: { States: Record<string, State> };
}

/** Kinds of failure: one that a machine does not repeat, and one that it repeats until its patience ends. */
export type Kind = 'terminal' | 'repeated';

/** Every Task state of a machine, `dr-drill`, by its name, those in branches and Maps too. */
export function tasksOf(machine: string): Record<string, State> {
  const file = new URL(`../../statemachines/${machine}.asl.yml`, import.meta.url);
  const within = (states: Record<string, State>): [string, State][] =>
    Object.entries(states).flatMap(([name, state]) => [
      ...(state.Type === 'Task' ? [[name, state] as [string, State]] : []),
      ...(state.Branches ?? []).flatMap((branch) => within(branch.States)),
      ...within(state.ItemProcessor?.States ?? {}),
    ]);
  return Object.fromEntries(
    within(parse(readFileSync(file, 'utf8'), { merge: true, maxAliasCount: -1 }).States),
  );
}

/**
 * Lets the calls behind a state fail while that state is active.
 * @param isActive whether it is now @returns what the state's error is then
 */
export function failState(
  local: LocalAccount,
  [name, { Arguments = {}, Resource = '' }]: [name: string, state: State],
  kind: Kind,
  isActive: () => boolean,
  times = 1000,
): string {
  const when = (names: (input: Record<string, string>) => boolean) => (input: Record<string, string>) =>
    names(input) && isActive();
  const add = (fault: Pick<Fault, 'service' | 'operation' | 'error' | 'when'>) =>
    local.account.faults.add({ ...fault, times });
  const message = `arranged for ${name}`;
  if (Resource.endsWith('sns:publish')) {
    const code = kind === 'terminal' ? 'AuthorizationError' : 'InternalError';
    add({ service: 'sns', operation: 'Publish', error: { code, message }, when: when(() => true) });
    return `SNS.${code}Exception`;
  }
  if (Arguments.FunctionName) {
    const code = kind === 'terminal' ? 'ResourceNotFoundException' : 'TooManyRequestsException';
    const functionName = local.refs[Arguments.FunctionName['Fn::GetAtt'][0] ?? ''] ?? 'none';
    add({
      service: 'lambda',
      operation: 'Invoke',
      error: { code, message },
      when: when(({ FunctionName = '' }) => FunctionName.endsWith(`:${functionName}`)),
    });
    return `Lambda.${code}`;
  }
  const code = kind === 'terminal' ? 'InvalidName' : 'ExecutionLimitExceeded';
  const machine = local.refs[Arguments.StateMachineArn?.Ref ?? ''];
  const suffix = /'(-[a-z][\w-]*)'[^']*$/.exec(Arguments.Name ?? '')?.[1] ?? '';
  add({
    service: 'states',
    operation: 'StartExecution',
    error: { code, message },
    when: when(({ name: of = '', stateMachineArn }) => stateMachineArn === machine && of.endsWith(suffix)),
  });
  return `StepFunctions.${code}Exception`;
}

/** Whether an execution is in a state at this moment. */
export function isActive({ account, region }: LocalAccount, executionArn: string, state: string): boolean {
  const { operations } = account.service<StatesService>('states', region);
  const call = { principal: account.operator, region, service: 'states', operation: '', input: {} };
  const input = { executionArn, maxResults: 1000, reverseOrder: true };
  const page = operations.GetExecutionHistory?.run(input, call) as {
    events: { stateEnteredEventDetails?: { name: string }; stateExitedEventDetails?: { name: string } }[];
  };
  const last = page.events.find(
    ({ stateEnteredEventDetails: entered, stateExitedEventDetails: exited }) =>
      entered?.name === state || exited?.name === state,
  );
  return last?.stateEnteredEventDetails !== undefined;
}
