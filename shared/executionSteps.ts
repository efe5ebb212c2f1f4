import { type HistoryEvent, paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { instant } from './instant.ts';

/** One stay of an execution in one of its states; what looks and waits in turns is one stretch. */
export const executionStep = v.object({
  step: v.string(),
  /** ISO 8601. */
  startedAt: instant,
  finishedAt: v.optional(instant),
  /** How often the state was entered. */
  times: v.number(),
});
export type ExecutionStep = v.InferOutput<typeof executionStep>;

/** The history of an execution so far, without its payloads. */
export async function readHistory(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  const request = { executionArn, includeExecutionData: false, maxResults: 1000 };
  for await (const page of paginateGetExecutionHistory({ client: sfn }, request))
    events.push(...(page.events ?? []));
  return events;
}

/**
 * When each state was first entered and last left, in the order of the first entries. Choices, which take no time, are
 * left out; a state that is still under way has no end.
 */
export function executionSteps(events: readonly HistoryEvent[]): ExecutionStep[] {
  const steps = new Map<string, ExecutionStep>();
  for (const event of events) {
    const at = event.timestamp?.toISOString() ?? '';
    const entered = event.stateEnteredEventDetails?.name;
    const exited = event.stateExitedEventDetails?.name;
    if (entered && !/^(Choice|Pass)/.test(event.type ?? '')) {
      const step = steps.get(entered) ?? { step: entered, startedAt: at, times: 0 };
      const { finishedAt, ...open } = step;
      steps.set(entered, { ...open, times: step.times + 1 });
    }
    const left = exited && steps.get(exited);
    if (exited && left) steps.set(exited, { ...left, finishedAt: at });
  }
  return [...steps.values()];
}
