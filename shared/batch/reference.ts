import * as z from 'zod';
import { runId } from '../recoveryPoint.ts';

/** Names a batch in the staging bucket. */
export const batchReference = z.object({ runId, name: z.string().regex(/^[a-z0-9-]+$/) });
export type BatchReference = z.infer<typeof batchReference>;

/** The value of the tag by which everything of a batch is found. */
export function batchTag({ runId, name }: BatchReference): string {
  return `${runId}/${name}`;
}
