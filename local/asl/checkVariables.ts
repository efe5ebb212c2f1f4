import type { Fault } from './check.ts';
import { type Flow, flowsWithin, type State } from './definition.ts';

/** Checks variable names: legal, not reserved, and none of an outer flow assigned again in an inner one. */
export function checkVariables(flow: Flow, path: string, outer: ReadonlySet<string> = new Set()): Fault[] {
  const here = new Set([...outer, ...Object.values(flow.States).flatMap(assignedBy)]);
  return Object.entries(flow.States).flatMap(([name, state]) => {
    const at = `${path}/States/${name}`;
    const faults = assignedBy(state).flatMap((variable) => {
      if (!/^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u.test(variable) || variable === 'states')
        return [{ path: at, message: `"${variable}" cannot be the name of a variable` }];
      if (outer.has(variable))
        return [{ path: at, message: `The variable "${variable}" belongs to an outer flow` }];
      return [];
    });
    return [...faults, ...flowsWithin(state).flatMap((inner) => checkVariables(inner, at, here))];
  });
}

/** The variables that a state assigns, in whichever way it is left. */
function assignedBy(state: State): string[] {
  const assigns = [
    'Assign' in state ? state.Assign : undefined,
    ...(state.Type === 'Choice' ? state.Choices.map((rule) => rule.Assign) : []),
    ...('Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Assign) : []),
  ];
  return assigns.flatMap((assign) => Object.keys(assign ?? {}));
}
