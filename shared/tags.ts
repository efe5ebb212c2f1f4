/**
 * The tags that make recovery points readable without any table. `deployment` is the owner: nothing without it is
 * ever deleted by us.
 */
export const TAG = {
  deployment: 'backup-drill:deployment',
  run: 'backup-drill:run',
  /** `<run>/<Region>-<number>`: the batch that a point was taken in, by which all of them are looked at in one call. */
  batch: 'backup-drill:batch',
  /** `<run>/<instance>` on each snapshot of a point that is a set of snapshots: the point's id. */
  set: 'backup-drill:set',
  /** Beside it: how many snapshots the set has, so that one with fewer is known to be incomplete. */
  members: 'backup-drill:members',
  /** The instance that a point was taken of. */
  resource: 'backup-drill:resource',
  /** `pending` until verified, then `verified`; `failed` stays for the sweep, `expiring` once a set goes. */
  status: 'backup-drill:status',
  /** What was seen: `rebooted`, `stopped`, `frozen`, `crash`. */
  consistency: 'backup-drill:consistency',
  /** UTC instant of the capture, ISO 8601. */
  created: 'backup-drill:created',
  policy: 'backup-drill:policy',
  /** On a worker group: the file system that its policy backs up to. */
  destination: 'backup-drill:destination',
  nonce: 'backup-drill:nonce',
  /** S3 key, in the evidence bucket, of the launch fingerprint. */
  fingerprint: 'backup-drill:fingerprint',
  /** S3 key, in the evidence bucket, of the reference manifest. */
  manifest: 'backup-drill:manifest',
  /** UTC instant of the last drill that passed with this point. */
  validated: 'backup-drill:validated',
  /** On a point while a copy of it is on its way, put there by whoever copies. Such a point is never deleted. */
  copying: 'backup-drill:copying',
  /** The interlock: only `allowed` may be terminated. Set at RunInstances by a drill for its own source only. */
  terminate: 'backup-drill:terminate',
} as const;

/** An EC2 tag as the SDK has it. */
export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** The value of a tag, or undefined. */
export function tagValue(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.Key === key)?.Value;
}

/** `{ a: 'b' }` as the SDK's list of tags. */
export function tagList(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
