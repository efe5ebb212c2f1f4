import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { nestedArn } from './history.ts';

/** Histories read so far: an execution and all that it started and waits for, by ARN. */
export type Histories = Map<string, HistoryEvent[]>;

/** How an execution ended. */
export interface Ending {
  /** `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`. */
  status: string;
  output?: string;
  error?: string;
  cause?: string;
}

export interface Following {
  sfn: SFNClient;
  executionArn: string;
  /** Real milliseconds between two looks. */
  everyMs: number;
  /** Called after each look. */
  onLook?: (histories: Histories) => void;
}

/** Events a page. The first look may find many; later ones find few, and every event that is read again costs time. */
const FIRST_PAGE = 1000;
const PAGE = 25;

/** Follows an execution and what it starts until it ends. Reads only what is new at each look. */
export async function follow({
  sfn,
  executionArn,
  everyMs,
  onLook,
}: Following): Promise<Ending & { histories: Histories }> {
  const histories: Histories = new Map([[executionArn, []]]);
  for (;;) {
    const seen = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    for (const [arn, events] of histories) {
      if (isOver(events)) continue;
      const fresh = await eventsAfter(sfn, arn, events.at(-1)?.id ?? 0);
      events.push(...fresh);
      // A Map visits what is added while it is gone through: the histories of nested executions are read in this look.
      for (const nested of fresh.map(nestedArn))
        if (nested && !histories.has(nested)) histories.set(nested, []);
    }
    onLook?.(histories);
    if (seen.status !== 'RUNNING') {
      const { status = 'FAILED', output, error, cause } = seen;
      return {
        status,
        histories,
        ...(output && { output }),
        ...(error && { error }),
        ...(cause && { cause }),
      };
    }
    await pause(everyMs);
  }
}

/** The events that came after the one with id `last`, oldest first. */
async function eventsAfter(sfn: SFNClient, executionArn: string, last: number): Promise<HistoryEvent[]> {
  const fresh: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: last === 0 ? FIRST_PAGE : PAGE,
        ...(nextToken && { nextToken }),
      }),
    );
    const events = page.events ?? [];
    fresh.push(...events.filter((event) => (event.id ?? 0) > last));
    nextToken = events.some((event) => (event.id ?? 0) <= last) ? undefined : page.nextToken;
  } while (nextToken);
  return fresh.reverse();
}

function isOver(events: readonly HistoryEvent[]): boolean {
  return /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(events.at(-1)?.type ?? '');
}
