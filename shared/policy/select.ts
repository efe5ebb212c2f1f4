import * as v from 'valibot';
import { expression, rules } from './expression.ts';
import { strictObject } from './strictObject.ts';

/** A Region's name by its shape; whether the account has it switched on is seen at the run. */
export const regionName = v.pipe(
  v.string(),
  v.regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'is no name of a Region, such as eu-west-1'),
);

/**
 * Which instances a policy protects. Without tags, ids, all, anyOf and allOf: those whose tag `tagKey` names the
 * policy.
 */
export const select = v.pipe(
  strictObject({
    ...rules,
    include: v.pipe(v.optional(expression), v.description('Taken besides')),
    exclude: v.pipe(v.optional(expression), v.description('Never taken, whatever else takes it')),
    regions: v.pipe(
      v.optional(
        v.union(
          [
            v.literal('*'),
            v.pipe(
              v.array(regionName),
              v.minLength(1, 'is empty, so nothing would be selected; name a Region, or leave it out'),
              v.check((names) => new Set(names).size === names.length, 'names a Region twice'),
            ),
          ],
          'must be a list of Regions such as [eu-west-1], or "*" for all',
        ),
      ),
      v.description("The stack's own unless told; '*': every Region that is switched on"),
    ),
  }),
  v.check(
    ({ tags, ids, all, anyOf, allOf }) =>
      [tags, ids, all, anyOf, allOf].filter((rule) => rule !== undefined).length <= 1,
    'has more than one of tags, ids, all, anyOf and allOf; join them by anyOf or allOf',
  ),
);
export type Select = v.InferOutput<typeof select>;
