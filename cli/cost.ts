import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { transitions } from './history.ts';

/** What a run cost, in dollars. */
export interface Cost {
  dollars: number;
  parts: Record<string, number>;
  /** How it was estimated; unset when it was metered. */
  estimate?: string;
}

const TRANSITION = 0.025 / 1000; // Step Functions, Standard: dollars a state transition, list price

/** On AWS nothing tells what one run cost: its state transitions are counted and priced, the rest is left out. */
export function estimatedCost(histories: Iterable<readonly HistoryEvent[]>): Cost {
  let count = 0;
  for (const events of histories) count += transitions(events);
  const dollars = count * TRANSITION;
  return {
    dollars,
    parts: { 'state transitions': dollars },
    estimate: `${count} state transitions at list price; instances, endpoints and storage come on top`,
  };
}
