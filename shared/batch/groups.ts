import * as z from 'zod';
import { runFailure } from '../drillFacts.ts';
import { consistencySeen, keptManifest } from '../recoveryPoint.ts';
import { type BatchItem, failed } from './batch.ts';

/** Instances that are brought to rest side by side: the iterations of an inline Map that AWS runs at a time. */
export const GROUP = 40;

/** What became of one instance that was captured by itself: what its execution handed over, or why it failed. */
export const captureOutcome = z.object({
  instanceId: z.string(),
  captured: z
    .object({
      pointId: z.string(),
      ids: z.array(z.string()),
      capturedAt: z.iso.datetime(),
      consistency: consistencySeen,
      manifest: keptManifest.optional(),
      nonce: z.string().optional(),
    })
    .optional(),
  failure: runFailure.optional(),
});
export type CaptureOutcome = z.infer<typeof captureOutcome>;

/** The item with what became of it. Of one that nothing is known of, what was made may be good, and its lock be held. */
export function withOutcome(item: BatchItem, outcome: CaptureOutcome | undefined, now: Date): BatchItem {
  if (item.state !== 'selected') return item;
  if (!outcome) {
    const lost = failed(item, 'nothing is known of its capture: the execution of its batch tells why');
    return { ...lost, failedLate: true, attemptedAt: now.toISOString() };
  }
  const { captured, failure } = outcome;
  // Its execution keeps the lock for the batch.
  if (captured) return { ...item, ...captured, state: 'captured', lockedAt: captured.capturedAt };
  const { Error: error, Cause: cause } = failure ?? { Error: 'ResourceFailed', Cause: 'it told nothing' };
  // A copy that is not as consistent as it must be is none; one of an instance that did not come back is all there is.
  return { ...failed(item, `${error}: ${cause}`), failedLate: error !== 'ConsistencyDowngraded' };
}
