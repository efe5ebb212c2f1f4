import type { Fault } from './check.ts';
import { type Catcher, type Flow, flowsWithin, type Retrier, type State } from './definition.ts';

/** Checks how states lead to each other: every target is there, every state is reached, names are used once. */
export function checkFlow(flow: Flow, path: string, names = new Set<string>()): Fault[] {
  const faults: Fault[] = [];
  if (!flow.States[flow.StartAt])
    faults.push({ path: `${path}/StartAt`, message: `There is no state "${flow.StartAt}"` });
  const reached = new Set([flow.StartAt]);
  for (const [name, state] of Object.entries(flow.States)) {
    const at = `${path}/States/${name}`;
    if (names.has(name))
      faults.push({ path: at, message: `The name "${name}" is used twice in the machine` });
    names.add(name);
    for (const target of targetsOf(state)) {
      reached.add(target);
      if (!flow.States[target]) faults.push({ path: at, message: `Missing "Next" target: ${target}` });
    }
    for (const message of ownFaults(state)) faults.push({ path: at, message });
    for (const [index, inner] of flowsWithin(state).entries())
      faults.push(
        ...checkFlow(inner, `${at}/${state.Type === 'Map' ? 'ItemProcessor' : `Branches/${index}`}`, names),
      );
  }
  for (const name of Object.keys(flow.States))
    if (!reached.has(name))
      faults.push({ path: `${path}/States/${name}`, message: 'Missing transition to this state' });
  return faults;
}

function targetsOf(state: State): string[] {
  const targets: (string | undefined)[] = [];
  if ('Next' in state) targets.push(state.Next);
  if (state.Type === 'Choice') targets.push(state.Default, ...state.Choices.map((rule) => rule.Next));
  if ('Catch' in state) targets.push(...(state.Catch ?? []).map((catcher) => catcher.Next));
  return targets.filter((target) => target !== undefined);
}

/** Rules among the fields of one state that a schema does not say. */
function ownFaults(state: State): string[] {
  const faults: string[] = [];
  const leaves = state.Type !== 'Choice' && state.Type !== 'Succeed' && state.Type !== 'Fail';
  if (leaves && (state.Next === undefined) === (state.End === undefined))
    faults.push('A state needs one of "Next" and "End"');
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined))
    faults.push('A Wait needs one of "Seconds" and "Timestamp"');
  if ('Retry' in state) faults.push(...wildcardFaults('Retry', state.Retry ?? []));
  if ('Catch' in state) faults.push(...wildcardFaults('Catch', state.Catch ?? []));
  return faults;
}

function wildcardFaults(field: string, list: (Retrier | Catcher)[]): string[] {
  const wild = list.findIndex(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
  if (wild < 0) return [];
  const alone = list[wild]?.ErrorEquals.length === 1;
  return alone && wild === list.length - 1 ? [] : [`States.ALL must stand alone and last in "${field}"`];
}
