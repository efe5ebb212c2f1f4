import * as z from 'zod';
import { expression, rules } from './expression.ts';
import { strictObject } from './strictObject.ts';

/** A Region's name by its shape; whether the account has it switched on is seen at the run. */
export const regionName = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'is no name of a Region, such as eu-west-1');

/**
 * Which instances a policy protects. Without tags, ids, all, anyOf and allOf: those whose tag `tagKey` names the
 * policy.
 */
export const select = strictObject({
  ...rules,
  include: expression.optional().describe('Taken besides'),
  exclude: expression.optional().describe('Never taken, whatever else takes it'),
  regions: z
    .union(
      [
        z.literal('*'),
        z
          .array(regionName)
          .min(1, 'is empty, so nothing would be selected; name a Region, or leave it out')
          .refine((names) => new Set(names).size === names.length, 'names a Region twice'),
      ],
      { error: 'must be a list of Regions such as [eu-west-1], or "*" for all' },
    )
    .optional()
    .describe("The stack's own unless told; '*': every Region that is switched on"),
}).refine(
  ({ tags, ids, all, anyOf, allOf }) =>
    [tags, ids, all, anyOf, allOf].filter((rule) => rule !== undefined).length <= 1,
  'has more than one of tags, ids, all, anyOf and allOf; join them by anyOf or allOf',
);
export type Select = z.infer<typeof select>;
