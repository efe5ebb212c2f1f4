import * as z from 'zod';
import { backupRun } from '../../shared/efs/efsRun.ts';
import { generation, planExpiry as plan } from '../../shared/efs/generations.ts';
import { task } from '../../shared/task.ts';

/** Decides which generations go, and says of each by which rule. @throws TooManyDeletions */
export const planExpiry = task({
  name: 'PlanExpiry',
  input: z.object({ run: backupRun, generations: z.array(generation) }),
  output: z.object({
    /** As the document `efs-expire` takes them. */
    expire: z.string(),
    decisions: z.array(z.object({ generation: z.string(), keep: z.boolean(), rule: z.string() })),
  }),
  aws: () => ({}),
  run: async ({ run, generations }, { now, config }) => {
    const decisions = plan(generations, run, config.deployment, now());
    return {
      expire: decisions.flatMap(({ point, keep }) => (keep ? [] : [point.id])).join(' '),
      decisions: decisions.map(({ point, keep, rule }) => ({ generation: point.id, keep, rule })),
    };
  },
});
