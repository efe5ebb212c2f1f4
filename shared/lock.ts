/** Seconds that a lock holds when its run does not say otherwise: longer than any backup or drill may take. */
export const DEFAULT_LEASE = 12 * 3600;

/** Key of a resource's lock in the runs table. `resource` is an instance id, or `sandbox` for the drills' network. */
export function lockKey(resource: string): { id: string; entry: string } {
  return { id: `lock#${resource}`, entry: 'lock' };
}

/** When a lock taken at `now` for `leaseSeconds` runs out, in seconds since the epoch. */
export function lockExpiry(now: Date, leaseSeconds: number): number {
  return Math.floor(now.getTime() / 1000) + leaseSeconds;
}
