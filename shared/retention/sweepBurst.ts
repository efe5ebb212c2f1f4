import type { EC2Client } from '@aws-sdk/client-ec2';
import { afterBurst, nextBurst, type RequestBucket, secondsToNextBurst } from '../bucket.ts';
import { sendBurst } from '../burst.ts';
import { deleteSnapshot } from './deleteCalls.ts';
import type { OrphanList } from './orphans.ts';
import { sourcesOfCopies } from './readPoints.ts';
import { sharedSnapshots } from './sharing.ts';

/** Deletes as many orphans as the request tokens allow now; one that others may use, or copy by now, stays. */
export async function sweepBurst(
  ec2: EC2Client,
  { left, done }: OrphanList,
  bucket: RequestBucket,
  now: () => Date,
  { region, tooLate }: { region: string; tooLate: boolean },
): Promise<{ list: OrphanList; bucket: RequestBucket; waitSeconds: number }> {
  if (tooLate) {
    const late = left.map((id) => ({ id, result: 'refused' as const, reason: 'not reached in time' }));
    return { list: { left: [], done: [...done, ...late] }, bucket, waitSeconds: 0 };
  }
  const burst = nextBurst(bucket, left.length, now());
  const due = left.slice(0, burst.sure + burst.more);
  const shared = await sharedSnapshots(ec2, due);
  const sources = due.length > 0 ? await sourcesOfCopies(ec2, region) : new Set();
  const reasonFor = (id: string) =>
    shared.has(id) ? 'shared' : sources.has(id) ? 'still being copied' : undefined;
  const kept = due.flatMap((id) => {
    const reason = reasonFor(id);
    return reason === undefined ? [] : { id, result: 'kept' as const, reason };
  });
  const sent = await sendBurst(
    due.filter((id) => reasonFor(id) === undefined),
    burst,
    (id) => deleteSnapshot(ec2, id),
  );
  const settled = sent.answers.map(({ item, result: { result, reason } }) => ({
    id: item,
    result,
    ...(reason !== undefined && { reason }),
  }));
  const list = { left: [...sent.left, ...left.slice(due.length)], done: [...done, ...kept, ...settled] };
  const after = afterBurst(bucket, burst, sent, now());
  return { list, bucket: after, waitSeconds: secondsToNextBurst(after, list.left.length, now()) };
}
