import * as z from 'zod';
import { instanceId } from '../recoveryPoint.ts';
import { strictObject } from './strictObject.ts';

/** A value of a tag, with `*` for any letters and `?` for one. YAML reads `true` and `1` as no text. */
export const pattern = z
  .string({ error: 'must be text; put a number, true or false in quotes' })
  .max(256, 'is longer than the 256 characters that a tag can hold');

const patterns = z.union([pattern, z.array(pattern).min(1)], {
  error: 'must be a text or a list of texts, * and ? are wildcards; put a number, true or false in quotes',
});

/** Tags that must all match; a list of values means any of them, `*` and `?` are wildcards. */
export const tagPatterns = z
  .record(z.string().min(1).max(128), patterns, { error: 'must be tags, such as { Env: prod }' })
  .refine((tags) => Object.keys(tags).length > 0, 'selects nothing by no tags; name one, or leave it out');
export type TagPatterns = z.infer<typeof tagPatterns>;

export const instanceIds = z
  .array(instanceId, { error: 'must be a list of instance ids' })
  .min(1, 'is empty, so nothing would be selected; name instances, or leave it out');

/** What an expression may be made of; exactly one of them. */
export interface Expression {
  tags?: TagPatterns | undefined;
  ids?: string[] | undefined;
  all?: true | undefined;
  anyOf?: Expression[] | undefined;
  allOf?: Expression[] | undefined;
  not?: Expression | undefined;
}

const several = () =>
  z
    .array(
      z.lazy(() => expression),
      { error: 'must be a list of expressions' },
    )
    .min(1, 'is empty, so it says nothing; name an expression, or leave it out');

/** The shape's keys, of which an expression has one; `select` takes the first five besides its own. */
export const rules = {
  tags: tagPatterns.optional(),
  ids: instanceIds.optional(),
  all: z.literal(true, { error: 'can only be true; to leave something out, use exclude or not' }).optional(),
  anyOf: several().optional(),
  allOf: several().optional(),
};

/** A condition on one resource: `{ tags } | { ids } | { all: true } | { anyOf } | { allOf } | { not }`. */
export const expression: z.ZodType<Expression, Expression> = strictObject({
  ...rules,
  not: z.lazy((): z.ZodType<Expression, Expression> => expression).optional(),
})
  .refine(
    (one) => Object.values(one).filter((rule) => rule !== undefined).length === 1,
    'must have one of tags, ids, all, anyOf, allOf and not; join several by anyOf or allOf',
  )
  .meta({ id: 'expression' });
