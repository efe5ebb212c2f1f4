import { CreateTagsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { afterBurst, type Burst, nextBurst, type RequestBucket } from '../bucket.ts';
import { type Answer, sendBurst } from '../burst.ts';
import { TAG, tagList } from '../tags.ts';
import { type Deleted, deleteSnapshot, deregister } from './deleteCalls.ts';
import { type Buckets, withinLooks } from './deletionBuckets.ts';
import type { DeletionOutcome } from './deletions.ts';
import { mayGo } from './mayGo.ts';
import type { Deletion } from './plan.ts';
import type { Point } from './point.ts';
import { readAgain } from './readAgain.ts';
import { sharedAmong } from './sharing.ts';
import { tagRefusal } from './tagRefusal.ts';

/** What a burst came to: what is settled, what is still to go, and the tokens after it. */
export interface BurstResult {
  settled: DeletionOutcome[];
  left: Deletion[];
  buckets: Buckets;
}

/** Whose points they are, and where. */
export interface Where {
  deployment: string;
  policy: string;
  region: string;
}

/** What a rule keeps after all. */
interface Kept {
  result: 'kept';
  reason: string;
}

/** One snapshot of a set that is to go. */
interface Member {
  deletion: Deletion;
  snapshotId: string;
}

/**
 * Deletes as many of the points as the request tokens allow now, oldest first, after asking again for each whether it
 * may go. A set of snapshots is marked before anything goes, so that half a set never counts as a point; from the first
 * deletion on nothing is thrown, so that what was done is told.
 * @throws Throttled when AWS refuses to be asked; nothing was deleted then
 */
export async function deleteBurst(
  ec2: EC2Client,
  deletions: readonly Deletion[],
  where: Where,
  buckets: Buckets,
  now: () => Date,
): Promise<BurstResult> {
  const amis = deletions.filter(({ kind }) => kind === 'ami');
  const members = membersOf(deletions);
  const imageBurst = nextBurst(buckets.images, amis.length, now());
  const snapshotBurst = nextBurst(buckets.snapshots, members.length, now());
  const sets = new Set(members.slice(0, size(snapshotBurst)).map(({ deletion }) => deletion));
  const due = withinLooks([...amis.slice(0, size(imageBurst)), ...sets], buckets, now());

  const { settled, going, looks } = await askAgain(ec2, due, where, buckets.looks, now);
  const marked = await markExpiring(ec2, going);
  const images = await sendBurst(
    going.filter(({ kind }) => kind === 'ami'),
    imageBurst,
    ({ id }) => deregister(ec2, id),
  );
  const snapshots = await sendBurst(membersOf(marked.going), snapshotBurst, ({ snapshotId }) =>
    deleteSnapshot(ec2, snapshotId),
  );
  settled.push(...marked.settled, ...images.answers.map(({ item, result }) => outcomeOf(item, result)));
  const setResults = settleSets(marked.going, snapshots.answers);
  settled.push(...setResults.settled);
  const settledIds = new Set(settled.map(({ id }) => id));
  // Who may not mark may not delete either for now: the machine waits as for tokens.
  const throttled = snapshots.throttled || marked.throttled;
  return {
    settled,
    left: deletions.flatMap((each) =>
      settledIds.has(each.id) ? [] : (setResults.begun.get(each.id) ?? each),
    ),
    buckets: {
      images: afterBurst(buckets.images, imageBurst, images, now()),
      snapshots: afterBurst(buckets.snapshots, snapshotBurst, { ...snapshots, throttled }, now()),
      looks,
    },
  };
}

function size({ sure, more }: Burst): number {
  return sure + more;
}

function membersOf(deletions: readonly Deletion[]): Member[] {
  return deletions
    .filter(({ kind }) => kind === 'snapshots')
    .flatMap((deletion) => deletion.snapshotIds.map((snapshotId) => ({ deletion, snapshotId })));
}

function outcomeOf(
  { id, kind, resource, createdAt, rule }: Deletion,
  deleted: Deleted | Kept,
): DeletionOutcome {
  return { id, kind, resource, createdAt, rule, ...deleted };
}

/** Which of the points may still go; of the others what keeps them. */
async function askAgain(
  ec2: EC2Client,
  due: readonly Deletion[],
  where: Where,
  looks: RequestBucket,
  clock: () => Date,
): Promise<{ settled: DeletionOutcome[]; going: Deletion[]; looks: RequestBucket }> {
  const now = await readAgain(ec2, due, where.region);
  const settled: DeletionOutcome[] = [];
  const allowed: { deletion: Deletion; point: Point }[] = [];
  for (const deletion of due) {
    const point = now.get(deletion.id);
    const may = mayGo(deletion, point, now, where);
    if (may === 'yes' && point) allowed.push({ deletion, point });
    else if (typeof may === 'object')
      settled.push(outcomeOf(deletion, { result: 'kept', reason: may.keptBy }));
    else settled.push(outcomeOf(deletion, { result: 'gone' }));
  }
  const points = allowed.map(({ point }) => point);
  const shared = await sharedAmong(ec2, points);
  const asked = points.reduce((sum, { snapshotIds }) => sum + snapshotIds.length, 0);
  const going = allowed.flatMap(({ deletion, point }) =>
    // Of a set, only what is still there.
    shared.has(point.id) ? [] : { ...deletion, snapshotIds: point.snapshotIds },
  );
  for (const { deletion } of allowed)
    if (shared.has(deletion.id)) settled.push(outcomeOf(deletion, { result: 'kept', reason: 'shared' }));
  const sent = { done: asked, throttled: false };
  return { settled, going, looks: afterBurst(looks, { sure: asked, more: 0 }, sent, clock()) };
}

/** Marks the sets that are to go; one that AWS does not let be marked stays, and is told of. */
async function markExpiring(
  ec2: EC2Client,
  due: readonly Deletion[],
): Promise<{ settled: DeletionOutcome[]; going: Deletion[]; throttled: boolean }> {
  const sets = due.filter(({ kind }) => kind === 'snapshots');
  const Tags = tagList({ [TAG.status]: 'expiring' });
  const { answers, throttled } = await sendBurst(sets, { sure: sets.length, more: 0 }, ({ snapshotIds }) =>
    tagRefusal(ec2.send(new CreateTagsCommand({ Resources: snapshotIds, Tags }))),
  );
  return {
    settled: answers.flatMap(({ item, result: reason }) =>
      reason === undefined ? [] : outcomeOf(item, { result: 'refused', reason }),
    ),
    going: answers.flatMap(({ item, result }) => (result === undefined ? item : [])),
    throttled,
  };
}

/** A set is settled once nothing of it is to be tried any more; what is refused of it keeps it. */
function settleSets(
  going: readonly Deletion[],
  answers: readonly Answer<Member, Deleted>[],
): { settled: DeletionOutcome[]; begun: Map<string, Deletion> } {
  const settled: DeletionOutcome[] = [];
  const begun = new Map<string, Deletion>();
  for (const deletion of going.filter(({ kind }) => kind === 'snapshots')) {
    const own = answers.filter(({ item }) => item.deletion === deletion);
    const answered = new Set(own.map(({ item }) => item.snapshotId));
    const snapshotIds = deletion.snapshotIds.filter((id) => !answered.has(id));
    const reasons = (which: Deleted['result']) =>
      own.flatMap(({ item, result }) =>
        result.result === which ? `${item.snapshotId}: ${result.reason}` : [],
      );
    const [refused, kept] = [reasons('refused'), reasons('kept')];
    if (refused.length > 0)
      settled.push(outcomeOf(deletion, { result: 'refused', reason: [...refused, ...kept].join('; ') }));
    else if (kept.length > 0) settled.push(outcomeOf(deletion, { result: 'kept', reason: kept.join('; ') }));
    else if (snapshotIds.length > 0) begun.set(deletion.id, { ...deletion, snapshotIds });
    else settled.push(outcomeOf(deletion, { result: 'deleted' }));
  }
  return { settled, begun };
}
