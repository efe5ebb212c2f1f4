import * as v from 'valibot';
import { requireConsistency, seenConsistency } from '../../shared/consistency.ts';
import { consistencyAsked, consistencySeen } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Says which consistency was seen, whatever was asked. @throws ConsistencyDowngraded when that is less than was asked
 * and no fallback allows it.
 */
export const judgeConsistency = task({
  name: 'JudgeConsistency',
  input: v.object({
    asked: consistencyAsked,
    fallback: v.optional(v.literal('none')),
    stopped: v.optional(v.boolean()),
    bootIdBefore: v.optional(v.string()),
    bootIdAfter: v.optional(v.string()),
    frozen: v.optional(v.array(v.string())),
    timerFired: v.optional(v.boolean()),
  }),
  output: v.object({ asked: consistencyAsked, seen: consistencySeen }),
  aws: () => ({}),
  run: async ({ asked, fallback, ...observations }) => {
    const seen = seenConsistency(asked, observations);
    requireConsistency(asked, seen, fallback);
    return { asked, seen };
  },
});
