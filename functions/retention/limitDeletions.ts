import * as v from 'valibot';
import { policy } from '../../shared/policy/policy.ts';
import { checkDeletions } from '../../shared/retention/breaker.ts';
import { planCounts } from '../../shared/retention/plan.ts';
import { task } from '../../shared/task.ts';

/**
 * The circuit breaker, over all Regions of a run together.
 * @throws TooManyDeletions when the plans would delete more good points than the policy allows
 */
export const limitDeletions = task({
  name: 'LimitDeletions',
  input: v.object({ policy, counts: v.array(planCounts) }),
  output: v.object({ good: v.number(), deletions: v.number() }),
  aws: () => ({}),
  run: async ({ policy, counts }) => {
    const good = counts.reduce((sum, each) => sum + each.good, 0);
    const deletions = counts.reduce((sum, each) => sum + each.deleteGood, 0);
    checkDeletions({ policy: policy.name, good, deletions }, policy.maxDeletions);
    return { good, deletions };
  },
});
