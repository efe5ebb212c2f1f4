import { type BatchItem, failed } from './batch.ts';

/**
 * The items of a batch once the time for its captures has passed: what has not begun is not tried any more. Their locks
 * may be held, since a lock is taken before EC2 refuses.
 */
export function giveUpCaptures(items: readonly BatchItem[], limitSeconds: number, now: Date): BatchItem[] {
  const reason = `EC2 took no request to capture it within ${limitSeconds} seconds: it asked for patience each time`;
  return items.map((item) =>
    item.state === 'selected' ? { attemptedAt: now.toISOString(), ...failed(item, reason) } : item,
  );
}

/**
 * The items of a batch once the time for reading user data has passed. What was captured is a point all the same, but
 * one that a restore in place would start without its user data, so that it is reported.
 * @param unread ids of the instances whose user data is not known
 */
export function giveUpUserData(
  items: readonly BatchItem[],
  unread: ReadonlySet<string>,
  limitSeconds: number,
): BatchItem[] {
  const reason = `its user data could not be read within ${limitSeconds} seconds: its point is without`;
  return items.map((item) =>
    item.state === 'captured' && unread.has(item.instanceId)
      ? { ...failed(item, reason), failedLate: true }
      : item,
  );
}
