import { isThrottling } from './awsErrors.ts';
import type { Burst, Sent } from './bucket.ts';

/** One of the items that were sent, and what came of it. */
export interface Answer<Item, Result> {
  item: Item;
  result: Result;
}

/**
 * Sends a burst of calls, one for each item, and stops at AWS's first refusal for want of tokens; what was refused or
 * not sent is `left`. `send` turns a fault of one item into its result; what it throws besides ends the burst once the
 * calls under way have come back.
 * @param sideBySide calls under way at a time; with AWS's usual 0.2 s a call, 5 are 25 a second, far above any refill
 */
export async function sendBurst<Item, Result>(
  items: readonly Item[],
  burst: Burst,
  send: (item: Item) => Promise<Result>,
  sideBySide = 5,
): Promise<Sent & { answers: Answer<Item, Result>[]; left: Item[] }> {
  const answers: Answer<Item, Result>[] = [];
  const answered = new Set<number>();
  let [next, throttled] = [0, false];
  const failures: unknown[] = [];
  const sendUntil = async (end: number): Promise<void> => {
    while (next < end && !throttled && failures.length === 0) {
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
