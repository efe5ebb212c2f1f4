import * as z from 'zod';
import { requireConsistency, seenConsistency } from '../../shared/consistency.ts';
import { consistencyAsked, consistencySeen } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Says which consistency was seen, whatever was asked. @throws ConsistencyDowngraded when that is less than was asked
 * and no fallback allows it.
 */
export const judgeConsistency = task({
  name: 'JudgeConsistency',
  input: z.object({
    asked: consistencyAsked,
    fallback: z.literal('none').optional(),
    stopped: z.boolean().optional(),
    bootIdBefore: z.string().optional(),
    bootIdAfter: z.string().optional(),
    frozen: z.array(z.string()).optional(),
    timerFired: z.boolean().optional(),
  }),
  output: z.object({ asked: consistencyAsked, seen: consistencySeen }),
  aws: () => ({}),
  run: async ({ asked, fallback, ...observations }) => {
    const seen = seenConsistency(asked, observations);
    requireConsistency(asked, seen, fallback);
    return { asked, seen };
  },
});
