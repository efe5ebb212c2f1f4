import * as v from 'valibot';
import { drillResult as found } from '../shared/drillFacts.ts';

/** What a drill found, as its machine's output and its run record have it; the evidence unless it could not be kept. */
export const drillResult = v.object({
  ...found.entries,
  evidence: v.optional(v.object({ bucket: v.string(), key: v.string() })),
});
export type DrillResult = v.InferOutput<typeof drillResult>;
