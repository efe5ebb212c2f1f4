import { type BatchItem, LARGEST_BATCH } from './batch.ts';
import { CAPTURE_TOKENS, type Capture } from './captureTokens.ts';

/** A batch that is to be, and its turn at the Region's request tokens. */
export interface BatchPlan {
  name: string;
  items: BatchItem[];
  /** Seconds after the first batch begins. */
  afterSeconds: number;
  /** What EC2's bucket has when its turn comes. */
  tokens: number;
}

/**
 * Divides the instances of a Region into batches of up to 1,000. They wait side by side, but capture one after the
 * other, since all calls of a Region share one bucket of tokens: each begins when the ones before it have used theirs.
 */
export function planBatches(items: readonly BatchItem[], region: string, capture: Capture): BatchPlan[] {
  const { size, refill } = CAPTURE_TOKENS[capture];
  const plans: BatchPlan[] = [];
  for (let at = 0; at < items.length; at += LARGEST_BATCH) {
    // By then `at` calls went out: a bucketful at once, the others as the tokens came back.
    const afterSeconds = at === 0 ? 0 : Math.ceil(Math.max(0, at - size) / refill);
    plans.push({
      name: `${region}-${plans.length}`,
      items: items.slice(at, at + LARGEST_BATCH),
      afterSeconds,
      tokens: at === 0 ? size : 0,
    });
  }
  return plans;
}
