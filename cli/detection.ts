import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { member } from './decoded.ts';
import { type Visit, visitsOf } from './history.ts';

/** When things became so in the account, `<resource>:<event>`, by milliseconds; the local account's timeline. */
export interface Moments {
  /** The latest moment of that event that is not after `until`. */
  at(key: string, until?: number): number | undefined;
}

/** How long something was ready before the workflow, waiting for it, saw it. */
export interface Detection {
  /** `<resource>:<event>` */
  waitedFor: string[];
  readyAt: string;
  noticedAt: string;
  lagSeconds: number;
}

/**
 * The detection lag of each wait that ended: looks report what they waited for and whether it was there. For what was
 * there before anybody began to wait, the lag counts from that beginning.
 */
export function detections(histories: Iterable<readonly HistoryEvent[]>, moments: Moments): Detection[] {
  const found: Detection[] = [];
  for (const events of histories) {
    for (const visit of visitsOf(events)) {
      const { at = 0, output } = visit.result ?? {};
      const keys = member(output, 'waitedFor');
      if (member(output, 'ready') !== true || !Array.isArray(keys)) continue;
      const waitedFor = keys.map(String);
      const ready = waitedFor.map((key) => moments.at(key, at));
      const readyAt = Math.max(...ready.map((moment) => moment ?? Number.NEGATIVE_INFINITY));
      if (!Number.isFinite(readyAt)) continue;
      found.push({
        waitedFor,
        readyAt: new Date(readyAt).toISOString(),
        noticedAt: new Date(at).toISOString(),
        lagSeconds: (at - Math.max(readyAt, waitingSince(visit))) / 1000,
      });
    }
  }
  return found.sort((a, b) => a.noticedAt.localeCompare(b.noticedAt));
}

/** When the loop of looks and waits that this look belongs to was entered. */
function waitingSince(look: Visit): number {
  let since = look.enteredAt;
  for (let visit = look.before; visit; visit = visit.before) {
    if (visit.state !== look.state && visit.type !== 'Wait' && visit.type !== 'Choice') break;
    since = visit.enteredAt;
  }
  return since;
}
