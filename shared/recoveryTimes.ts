import type { DrillFacts, DrillResult } from './drillFacts.ts';
import type { DrillSettings } from './drillSettings.ts';
import { secondsBetween } from './duration.ts';

/**
 * The recovery time by its steps: from the moment when the termination was accepted until the copy was validated.
 * Undefined while one of the moments is not known.
 */
export function recoveryTime(facts: DrillFacts, { rtoSeconds }: DrillSettings): DrillResult['rto'] {
  const { accepted, terminated, restored, comparison } = facts;
  if (!accepted || !terminated || !restored || !comparison) return undefined;
  const readyAt = [restored.statusOkAt, restored.onlineAt].sort().at(-1) ?? restored.statusOkAt;
  const moments = [
    ['source terminated', terminated.terminatedAt],
    ['copy launched', restored.launchedAt],
    ['copy running', restored.runningAt],
    ['copy healthy and managed', readyAt],
    ['copy validated', comparison.comparedAt],
  ] as const;
  let before = accepted.acceptedAt;
  const steps = moments.map(([step, at]) => {
    const seconds = secondsBetween(before, at);
    before = at;
    return { step, seconds };
  });
  const seconds = secondsBetween(accepted.acceptedAt, comparison.comparedAt);
  return { seconds, objectiveSeconds: rtoSeconds, steps };
}

/** How old the recovery point was when the source was lost: so much work a disaster would have cost. */
export function recoveryPointAge(facts: DrillFacts, { rpoSeconds }: DrillSettings): DrillResult['rpo'] {
  const { accepted, recoveryPoint } = facts;
  if (!accepted || !recoveryPoint) return undefined;
  const seconds = secondsBetween(recoveryPoint.createdAt, accepted.acceptedAt);
  return { seconds, objectiveSeconds: rpoSeconds };
}
