import type { Point } from '../../../shared/retention/point.ts';

/** A good point of `nightly` in this deployment; `more` is what differs. */
export function point(id: string, createdAt: string, more: Partial<Point> = {}): Point {
  return {
    id,
    kind: 'ami',
    snapshotIds: [],
    resource: 'i-1',
    owner: 'ours',
    policy: 'nightly',
    createdAt,
    status: 'verified',
    state: 'available',
    locked: false,
    protected: false,
    shared: false,
    beingCopied: false,
    ...more,
  };
}
