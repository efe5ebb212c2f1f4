import type { Visit } from './history.ts';

/** A stretch of an execution as a person sees it: one state, or a loop that waits and looks again. */
export interface Step {
  name: string;
  startedAt: number;
  finishedAt?: number;
  /** It waits, or looks again and again. */
  waits: boolean;
  nested: string[];
}

/** Folds visits into steps: choices and passes vanish, and a loop of looks and waits is one step, named by its wait. */
export function stepsOf(visits: readonly Visit[]): Step[] {
  const steps: (Step & { states: string[] })[] = [];
  for (const visit of visits) {
    if (visit.inside) {
      // Branches are part of the step that waits for them all.
      if (visit.nested) steps.at(-1)?.nested.push(visit.nested);
      continue;
    }
    const again = steps.findIndex((step) => step.states.includes(visit.state));
    if (again >= 0) {
      fold(steps, again, visit);
      continue;
    }
    if (!['Task', 'Wait', 'Parallel', 'Map'].includes(visit.type)) continue;
    steps.push({
      name: visit.state,
      states: [visit.state],
      waits: visit.type === 'Wait',
      startedAt: visit.enteredAt,
      ...(visit.exitedAt === undefined ? {} : { finishedAt: visit.exitedAt }),
      nested: visit.nested ? [visit.nested] : [],
    });
  }
  return steps.map(({ states: _states, ...step }) => step);
}

function fold(steps: (Step & { states: string[] })[], from: number, visit: Visit): void {
  const [first, ...rest] = steps.splice(from);
  if (!first) return;
  for (const step of rest) {
    if (step.waits && !first.waits) Object.assign(first, { name: step.name, waits: true });
    first.states.push(...step.states);
    first.nested.push(...step.nested);
  }
  if (visit.exitedAt === undefined) delete first.finishedAt;
  else first.finishedAt = visit.exitedAt;
  if (visit.nested) first.nested.push(visit.nested);
  steps.push(first);
}

/** A state's name for a person: `WaitForImage` is `wait for image`. */
export function stepTitle(state: string): string {
  return state
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(' ')
    .map((word) => (/^[A-Z0-9]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}
