import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DEFAULT_LEASE, lockKey } from '../lock.ts';
import type { Batch } from './batch.ts';

/** Seconds before its end in which a lock is left to run out: a clock that is a little off must not free another's. */
const MARGIN = 300;

/** The lines of the index for a batch's verified points. */
export function indexWrites(batch: Batch): WriteRequest[] {
  const { runId, policy, region, fingerprintKey } = batch;
  return batch.items
    .filter(({ point }) => point === 'verified')
    .map(({ instanceId, pointId, capturedAt, consistency = 'crash', snapshots, manifest, nonce }) => {
      const Item = {
        resource: instanceId,
        pointId,
        ...(policy.capture === 'ami' && { imageId: pointId }),
        createdAt: capturedAt,
        consistency: { asked: policy.consistency, seen: consistency },
        snapshots,
        manifest,
        nonce,
        fingerprintKey: `${fingerprintKey}#${instanceId}`,
        region,
        runId,
        policy: policy.name,
        status: 'verified',
      };
      return { PutRequest: { Item: marshall(Item, { removeUndefinedValues: true }) } };
    });
}

/** Deletes of the locks that the batch took and that have surely not been taken over since. */
export function lockReleases({ items }: Batch, now: Date): WriteRequest[] {
  return items.flatMap(({ instanceId, lockedAt }) => {
    if (lockedAt === undefined) return [];
    const lapses = Date.parse(lockedAt) + (DEFAULT_LEASE - MARGIN) * 1000;
    return now.getTime() < lapses ? [{ DeleteRequest: { Key: marshall(lockKey(instanceId)) } }] : [];
  });
}

/** Instances whose lock the batch may hold, since a try whose answer is not known was about to take it. */
export function locksInDoubt({ items }: Batch): string[] {
  return items.flatMap((item) => (item.attemptedAt && !item.lockedAt ? item.instanceId : []));
}
