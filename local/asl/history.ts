import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { Interrupted } from './failure.ts';

/** Events of one execution at most, the last of them the one that ends it: a hard limit of Step Functions. */
export const EVENT_LIMIT = 25_000;

/** Everything else about an event, such as `{ stateEnteredEventDetails: … }`. */
export type EventDetails = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>;

/** The history of one execution, in AWS's own event types. */
export class History {
  readonly events: HistoryEvent[] = [];
  #now: () => number;
  #ended = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds an event and gives its id. @throws Interrupted when there is only room left for the execution's end. */
  add(type: HistoryEventType, previousEventId: number, details: EventDetails = {}): number {
    if (this.#ended) throw new Interrupted('the execution has ended');
    if (this.events.length >= EVENT_LIMIT - 1)
      throw new Interrupted(`The execution reached the maximum number of history events (${EVENT_LIMIT}).`);
    return this.#push(type, previousEventId, details);
  }

  /** Adds the last event. */
  end(type: HistoryEventType, previousEventId: number, details: EventDetails): void {
    this.#push(type, previousEventId, details);
    this.#ended = true;
  }

  /** Lets go of all events: somebody has looked at them long enough. */
  forget(): void {
    this.events.length = 0;
  }

  #push(type: HistoryEventType, previousEventId: number, details: EventDetails): number {
    const id = this.events.length + 1;
    this.events.push({ timestamp: new Date(this.#now()), type, id, previousEventId, ...details });
    return id;
  }
}
