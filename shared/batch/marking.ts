import * as v from 'valibot';
import { isNamed } from '../awsErrors.ts';
import type { sendBurst } from '../burst.ts';
import { type BatchItem, failed } from './batch.ts';
import { type TagJob, tagJob } from './tagJobs.ts';

/** One thing that could not be tagged. */
const tagRefusal = v.object({ id: v.string(), of: tagJob.entries.of, reason: v.string() });
export type TagRefusal = v.InferOutput<typeof tagRefusal>;

/** The calls that are left of a batch's tags, and what EC2 has refused of those before. */
export const marking = v.object({ left: v.array(tagJob), refused: v.array(tagRefusal) });
export type Marking = v.InferOutput<typeof marking>;

const GONE = [
  'InvalidID',
  'InvalidAMIID.NotFound',
  'InvalidAMIID.Unavailable',
  'InvalidSnapshot.NotFound',
  'InvalidVolume.NotFound',
  'InvalidInstanceID.NotFound',
];

/** Whether EC2 says that something is not there. */
export function isGone(error: unknown): error is Error {
  return isNamed(error, ...GONE);
}

/**
 * What is left of a call that EC2 refused, since it tags all of a call's resources or none: the others, where its words
 * name the ones at fault; else two halves, until one is left alone with its fault. What is gone needs no tag.
 */
export function afterRefusal({ ids, ...same }: TagJob, error: Error): Marking {
  const reason = `${error.name}: ${error.message}`.slice(0, 400);
  const named = new Set(error.message.match(/\b[a-z]+-[0-9a-f]{8,}\b/g));
  const atFault = ids.length === 1 ? ids : ids.filter((id) => named.has(id));
  const refused = isGone(error) ? [] : atFault.map((id) => ({ id, of: same.of, reason }));
  if (atFault.length > 0) {
    const others = ids.filter((id) => !atFault.includes(id));
    return { left: others.length > 0 ? [{ ...same, ids: others }] : [], refused };
  }
  const half = Math.ceil(ids.length / 2);
  const halves = [ids.slice(0, half), ids.slice(half)];
  return { left: halves.map((part) => ({ ...same, ids: part })), refused };
}

/** What is left after a burst of calls. */
export function afterTags(
  { refused }: Marking,
  { answers, left }: Pick<Awaited<ReturnType<typeof sendBurst<TagJob, Marking>>>, 'answers' | 'left'>,
): Marking {
  const results = answers.map(({ result }) => result);
  return {
    left: [...results.flatMap((one) => one.left), ...left],
    refused: [...refused, ...results.flatMap((one) => one.refused)],
  };
}

/** What is left once the time for tags has passed: refused as well. */
export function giveUpTags({ left, refused }: Marking, limitSeconds: number): Marking {
  const reason = `EC2 took no request to tag it within ${limitSeconds} seconds`;
  const late = left.flatMap(({ ids, of }) => ids.map((id) => ({ id, of, reason })));
  return { left: [], refused: [...refused, ...late] };
}

/**
 * The items of a batch with what could not be tagged: a point that does not say what it is is none, while a tag that
 * the policy wants besides is worth a warning only.
 */
export function withRefusals(items: readonly BatchItem[], refused: readonly TagRefusal[]): BatchItem[] {
  return items.map((item) => {
    const { instanceId, volumes, ids = [] } = item;
    const own = new Set([instanceId, ...volumes.map(({ volumeId }) => volumeId), ...ids]);
    const lines = (of: TagJob['of']) =>
      refused.flatMap((one) =>
        one.of === of && own.has(one.id) ? `${one.id} could not be tagged: ${one.reason}` : [],
      );
    const [points, warnings] = [lines('point'), lines('policy')];
    const warned = warnings.length > 0 ? { ...item, warnings } : item;
    if (points.length === 0) return warned;
    if (item.state === 'failed') return { ...warned, point: 'failed' };
    return { ...failed(warned, points.join('; ')), point: 'failed' };
  });
}
