import * as v from 'valibot';
import { record } from '../record.ts';
import { instanceId } from '../recoveryPoint.ts';
import { strictObject } from './strictObject.ts';

/** A value of a tag, with `*` for any letters and `?` for one. YAML reads `true` and `1` as no text. */
export const pattern = v.pipe(
  v.string('must be text; put a number, true or false in quotes'),
  v.maxLength(256, 'is longer than the 256 characters that a tag can hold'),
);

const patterns = v.union(
  [
    pattern,
    v.pipe(
      v.array(pattern),
      v.minLength(
        1,
        'is empty, so no value would match; name one, such as [prod, "stag*"], or leave the tag out',
      ),
    ),
  ],
  'must be a text or a list of texts, * and ? are wildcards; put a number, true or false in quotes',
);

/** Tags that must all match; a list of values means any of them, `*` and `?` are wildcards. */
export const tagPatterns = v.pipe(
  record(
    v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
    patterns,
    'must be tags, such as { Env: prod }',
  ),
  v.check((tags) => Object.keys(tags).length > 0, 'selects nothing by no tags; name one, or leave it out'),
);
export type TagPatterns = v.InferOutput<typeof tagPatterns>;

export const instanceIds = v.pipe(
  v.array(instanceId, 'must be a list of instance ids'),
  v.minLength(1, 'is empty, so nothing would be selected; name instances, or leave it out'),
);

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
  v.pipe(
    v.array(
      v.lazy(() => expression),
      'must be a list of expressions',
    ),
    v.minLength(1, 'is empty, so it says nothing; name an expression, or leave it out'),
  );

/** The shape's keys, of which an expression has one; `select` takes the first five besides its own. */
export const rules = {
  tags: v.optional(tagPatterns),
  ids: v.optional(instanceIds),
  all: v.optional(v.literal(true, 'can only be true; to leave something out, use exclude or not')),
  anyOf: v.optional(several()),
  allOf: v.optional(several()),
};

/** A condition on one resource: `{ tags } | { ids } | { all: true } | { anyOf } | { allOf } | { not }`. */
export const expression: v.GenericSchema<Expression> = v.pipe(
  strictObject({
    ...rules,
    not: v.optional(v.lazy((): v.GenericSchema<Expression> => expression)),
  }),
  v.check(
    (one) => Object.values(one).filter((rule) => rule !== undefined).length === 1,
    'must have one of tags, ids, all, anyOf, allOf and not; join several by anyOf or allOf',
  ),
);
