import { z } from 'zod';
import { drillResult as found } from '../shared/drillFacts.ts';

/** What a drill found, as its machine's output and its run record have it; the evidence unless it could not be kept. */
export const drillResult = found.extend({
  evidence: z.object({ bucket: z.string(), key: z.string() }).optional(),
});
export type DrillResult = z.infer<typeof drillResult>;
