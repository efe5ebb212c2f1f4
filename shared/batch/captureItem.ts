import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { isThrottling } from '../awsErrors.ts';
import type { Config } from '../config.ts';
import { createOrFindImage } from '../imageCreation.ts';
import { takeLock } from '../lock.ts';
import { type Batch, type BatchItem, failed } from './batch.ts';
import { imageRequest, setId, snapshotsRequest } from './captureRequest.ts';
import { createOrFindSnapshots } from './snapshotCreation.ts';

export interface CaptureContext {
  /** In the batch's Region. */
  ec2: EC2Client;
  dynamodb: DynamoDBClient;
  config: Config;
  now: () => Date;
}

/** What EC2 refuses for a while only, and for how many seconds. */
export const LATER: Record<string, number> = {
  SnapshotCreationPerVolumeRateExceeded: 15, // AWS: at least 15 seconds between two snapshots of a volume
  ConcurrentSnapshotLimitExceeded: 300, // until one of the volume's pending snapshots is completed
  NotYetListed: 30, // an earlier try has begun it; lists lag by up to a minute
};
/** How often an item is put off: with 5 minutes each, an hour. */
const MOST_TRIES = 12;
/** Refusals that every other instance may meet too. */
const OF_ALL =
  /^(UnauthorizedOperation|AccessDenied|AuthFailure|OptInRequired|ExpiredToken|InvalidClientTokenId|UnrecognizedClientException|KMS)/;

/** Captures that are refused in this way before it is believed to stand against all, as long as none gets through. */
const ENOUGH = 20;

/**
 * What stands against every capture of a batch, as a right that is missing; undefined while it may be a matter of
 * single instances, as a policy of the organisation or a key is.
 */
export function refusalOfAll(items: readonly BatchItem[]): Error | undefined {
  if (items.some(({ capturedAt }) => capturedAt !== undefined)) return undefined;
  const refused = items.flatMap(({ reason = '' }) => (OF_ALL.test(reason) ? reason : []));
  const [first = ''] = refused;
  if (refused.length < ENOUGH) return undefined;
  const [name = '', ...words] = first.split(': ');
  return Object.assign(new Error(words.join(': ')), { name });
}

/** The batch as it is written before a burst: which of its captures are about to be asked for. */
export function attempted(batch: Batch, tried: readonly BatchItem[], now: Date): Batch {
  const ids = new Set(tried.map(({ instanceId }) => instanceId));
  const items = batch.items.map((item) =>
    ids.has(item.instanceId) ? { ...item, attemptedAt: item.attemptedAt ?? now.toISOString() } : item,
  );
  return { ...batch, items };
}

/**
 * Begins the capture of one instance under its lock. @returns the item with what became of it: captured, failed with
 * the reason, or to be tried later. @throws what asks for patience
 */
export async function captureItem(
  batch: Batch,
  item: BatchItem,
  context: CaptureContext,
): Promise<BatchItem> {
  const { dynamodb, config, now } = context;
  let locked = item;
  try {
    const at = now();
    await takeLock(dynamodb, config.runsTable, { runId: batch.runId, resource: item.instanceId, now: at });
    locked = { ...item, lockedAt: at.toISOString() };
    const begun = await capture(batch, item, context);
    return { ...locked, ...begun, state: 'captured', capturedAt: at.toISOString() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    if (isThrottling(error)) throw error;
    const later = LATER[name];
    const tries = (item.tries ?? 0) + 1;
    if (later === undefined || tries > MOST_TRIES)
      return failed(locked, name === 'ResourceBusy' ? message : `${name}: ${message}`);
    return { ...locked, tries, notBefore: new Date(now().getTime() + later * 1000).toISOString() };
  }
}

/** Begins the capture itself, or finds what an earlier try began. @throws what EC2 refuses, NotYetListed */
export async function capture(
  batch: Batch,
  item: BatchItem,
  { ec2, config, now }: Omit<CaptureContext, 'dynamodb'>,
): Promise<Pick<BatchItem, 'pointId' | 'ids'>> {
  const { policy } = batch;
  const made = { config, now: now() };
  if (policy.capture === 'ami') {
    const imageId = await createOrFindImage(ec2, imageRequest(batch, policy, item, made));
    return { pointId: imageId, ids: [imageId] };
  }
  const pointId = setId(batch, item);
  const request = snapshotsRequest(batch, item, made);
  const { attemptedAt } = item;
  return { pointId, ids: await createOrFindSnapshots(ec2, { pointId, request, attemptedAt, now: now() }) };
}
