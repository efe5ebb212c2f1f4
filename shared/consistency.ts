import { ConsistencyDowngraded } from './errors.ts';
import type { ConsistencyAsked, ConsistencySeen } from './recoveryPoint.ts';

/** What was observed around a capture. */
export interface Observations {
  /** The instance stood still in state `stopped` when the capture began. */
  stopped?: boolean | undefined;
  bootIdBefore?: string | undefined;
  bootIdAfter?: string | undefined;
  /** Mounts that were frozen when the capture began. */
  frozen?: readonly string[] | undefined;
  /** The host's own timer thawed before the capture was safe. */
  timerFired?: boolean | undefined;
}

/** The consistency that the observations prove; whatever is not proven is `crash`. */
export function seenConsistency(asked: ConsistencyAsked, seen: Observations): ConsistencySeen {
  if (seen.stopped === true) return 'stopped';
  if (asked === 'reboot' && seen.bootIdBefore && seen.bootIdAfter && seen.bootIdBefore !== seen.bootIdAfter)
    return 'rebooted';
  if (asked === 'freeze' && (seen.frozen?.length ?? 0) > 0 && seen.timerFired === false) return 'frozen';
  return 'crash';
}

/** @throws ConsistencyDowngraded when less was seen than was asked and no fallback allows it. */
export function requireConsistency(
  asked: ConsistencyAsked,
  seen: ConsistencySeen,
  fallback: 'none' | undefined,
): void {
  if (seen !== 'crash' || asked === 'none' || fallback === 'none') return;
  throw new ConsistencyDowngraded(
    `asked for ${asked}, but what was seen proves no more than a crash-consistent copy`,
  );
}
