import * as v from 'valibot';
import { runFailure } from '../drillFacts.ts';
import { instant } from '../instant.ts';
import { consistencySeen, keptManifest } from '../recoveryPoint.ts';
import { type BatchItem, failed } from './batch.ts';

/** Instances that are brought to rest side by side: the iterations of an inline Map that AWS runs at a time. */
export const GROUP = 40;

/** What became of one instance that was captured by itself: what its execution handed over, or why it failed. */
export const captureOutcome = v.object({
  instanceId: v.string(),
  captured: v.optional(
    v.object({
      pointId: v.string(),
      ids: v.array(v.string()),
      capturedAt: instant,
      consistency: consistencySeen,
      manifest: v.optional(keptManifest),
      nonce: v.optional(v.string()),
    }),
  ),
  failure: v.optional(runFailure),
});
export type CaptureOutcome = v.InferOutput<typeof captureOutcome>;

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
