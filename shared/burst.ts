import { isThrottling } from './awsErrors.ts';
import type { Burst, Sent } from './bucket.ts';

/** One of the items that were sent, and what came of it. */
export interface Answer<Item, Result> {
  item: Item;
  result: Result;
}

/** Seconds that a function goes on sending: its own time is 60, and what is under way then is still to be written down. */
const SENDING = 40;

/** Says whether a function that begins now has sent for as long as it may. */
export function sendingTime(now: () => Date): () => boolean {
  const end = now().getTime() + SENDING * 1000;
  return () => now().getTime() >= end;
}

/**
 * Sends a burst of calls, one for each item, and stops at AWS's first refusal for want of tokens; what was refused or
 * not sent is `left`. `send` turns a fault of one item into its result; what it throws besides ends the burst once the
 * calls under way have come back.
 * `sideBySide` calls are under way at a time; with AWS's usual 0.2 s a call, 5 are 25 a second, far above any refill.
 * None is begun once `isOver`.
 */
export async function sendBurst<Item, Result>(
  items: readonly Item[],
  burst: Burst,
  send: (item: Item) => Promise<Result>,
  { sideBySide = 5, isOver = () => false }: { sideBySide?: number; isOver?: () => boolean } = {},
): Promise<Sent & { answers: Answer<Item, Result>[]; left: Item[] }> {
  const answers: Answer<Item, Result>[] = [];
  const answered = new Set<number>();
  let [next, throttled] = [0, false];
  const failures: unknown[] = [];
  const sendUntil = async (end: number): Promise<void> => {
    while (next < end && !throttled && failures.length === 0 && !isOver()) {
      const at = next++;
      const item = items[at];
      if (item === undefined) return;
      try {
        answers.push({ item, result: await send(item) });
        answered.add(at);
      } catch (error) {
        if (isThrottling(error)) throttled = true;
        else failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, () => sendUntil(burst.sure)));
  await sendUntil(burst.sure + burst.more);
  if (failures.length > 0) throw failures[0];
  return { done: answers.length, throttled, answers, left: items.filter((_, at) => !answered.has(at)) };
}
