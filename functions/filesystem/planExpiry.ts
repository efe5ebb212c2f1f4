import * as v from 'valibot';
import { backupRun } from '../../shared/efs/efsRun.ts';
import { generation, planExpiry as plan } from '../../shared/efs/generations.ts';
import { task } from '../../shared/task.ts';

/** Decides which generations go, and says of each by which rule. @throws TooManyDeletions */
export const planExpiry = task({
  name: 'PlanExpiry',
  input: v.object({ run: backupRun, generations: v.array(generation) }),
  output: v.object({
    /** As the document `efs-expire` takes them. */
    expire: v.string(),
    decisions: v.array(v.object({ generation: v.string(), keep: v.boolean(), rule: v.string() })),
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
