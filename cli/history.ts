import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** One stay in a state of one execution. Times are milliseconds since the epoch of the account's clock. */
export interface Visit {
  state: string;
  /** `Task`, `Wait`, `Choice`, `Pass`, `Parallel`, `Map`, `Succeed`, `Fail`. */
  type: string;
  enteredAt: number;
  exitedAt?: number;
  /** The execution that this visit started and waits for. */
  nested?: string;
  /** What its task gave back, and when. */
  result?: TaskResult;
  /** The visit before it, in its own branch. */
  before?: Visit;
}

/** What a task gave back, a Lambda invocation's payload unwrapped, in milliseconds since the epoch. */
export interface TaskResult {
  at: number;
  output: unknown;
}

/** A stretch of an execution as a person sees it: one state, or a loop that waits and looks again. */
export interface Step {
  name: string;
  startedAt: number;
  finishedAt?: number;
  /** It waits, or looks again and again. */
  waits: boolean;
  nested: string[];
}

/** The visits of one execution in the order in which they began. */
export function visitsOf(events: readonly HistoryEvent[]): Visit[] {
  const visits: Visit[] = [];
  const byEvent = new Map<number, Visit>();
  for (const event of events) {
    const at = event.timestamp?.getTime() ?? 0;
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    const before = byEvent.get(event.previousEventId ?? 0);
    if (entered) {
      const type = (event.type ?? '').replace('StateEntered', '');
      const visit: Visit = { state: entered, type, enteredAt: at, ...(before && { before }) };
      visits.push(visit);
      byEvent.set(event.id ?? 0, visit);
      continue;
    }
    const visit =
      exited === undefined
        ? before
        : visits.findLast((open) => open.state === exited && open.exitedAt === undefined);
    if (!visit) continue;
    if (exited) visit.exitedAt = at;
    byEvent.set(event.id ?? 0, visit);
    const nested = nestedArn(event);
    if (nested) visit.nested = nested;
    const result = taskResult(event);
    if (result) visit.result = result;
  }
  return visits;
}

/** The ARN of the execution that a task has just started, if this event says so. */
export function nestedArn(event: HistoryEvent): string | undefined {
  const details = event.taskSubmittedEventDetails;
  if (details?.resourceType !== 'states') return undefined;
  const arn = member(json(details.output), 'ExecutionArn') ?? member(json(details.output), 'executionArn');
  return typeof arn === 'string' ? arn : undefined;
}

/** Folds visits into steps: choices and passes vanish, and a loop of looks and waits is one step, named by its wait. */
export function stepsOf(visits: readonly Visit[]): Step[] {
  const steps: (Step & { states: string[] })[] = [];
  for (const visit of visits) {
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

/** The results of an execution's tasks, oldest first. */
export function taskResults(events: readonly HistoryEvent[]): TaskResult[] {
  return events.flatMap((event) => taskResult(event) ?? []);
}

function taskResult(event: HistoryEvent): TaskResult | undefined {
  const text = event.taskSucceededEventDetails?.output ?? event.lambdaFunctionSucceededEventDetails?.output;
  if (text === undefined) return undefined;
  const output = json(text);
  return { at: event.timestamp?.getTime() ?? 0, output: member(output, 'Payload') ?? output };
}

/** The output of an execution that succeeded, by its last event. */
export function executionOutput(events: readonly HistoryEvent[]): unknown {
  return json(events.at(-1)?.executionSucceededEventDetails?.output);
}

/** State transitions that AWS bills for these events: every state entered, and every retry. */
export function transitions(events: readonly HistoryEvent[]): number {
  const scheduled = events.filter((event) =>
    /^(Task|LambdaFunction)Scheduled$/.test(event.type ?? ''),
  ).length;
  const tasks = events.filter((event) => event.type === 'TaskStateEntered').length;
  const entered = events.filter((event) => event.stateEnteredEventDetails).length;
  return entered + Math.max(0, scheduled - tasks);
}

/** A state's name for a person: `WaitForImage` is `wait for image`. */
export function stepTitle(state: string): string {
  return state
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(' ')
    .map((word) => (/^[A-Z0-9]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}

function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A property of whatever was decoded, or undefined. */
export function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
