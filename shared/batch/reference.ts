import * as v from 'valibot';
import { runId } from '../recoveryPoint.ts';

/** Names a batch in the staging bucket. */
export const batchReference = v.object({ runId, name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)) });
export type BatchReference = v.InferOutput<typeof batchReference>;

/** The value of the tag by which everything of a batch is found. */
export function batchTag({ runId, name }: BatchReference): string {
  return `${runId}/${name}`;
}
