import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { json, member } from './decoded.ts';

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
  /** The Parallel or Map whose branch it belongs to. */
  inside?: Visit;
}

/** What a task gave back, a Lambda invocation's payload unwrapped, in milliseconds since the epoch. */
export interface TaskResult {
  at: number;
  output: unknown;
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
      // The first state of a branch follows an event of its Parallel, which is left only after all branches.
      const opens = before && ['Parallel', 'Map'].includes(before.type) && before.exitedAt === undefined;
      const inside = opens ? before : before?.inside;
      const visit: Visit = {
        state: entered,
        type,
        enteredAt: at,
        ...(before && !opens && { before }),
        ...(inside && { inside }),
      };
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
