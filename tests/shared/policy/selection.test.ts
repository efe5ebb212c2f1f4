import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { type Expression, expression } from '../../../shared/policy/expression.ts';
import { select } from '../../../shared/policy/select.ts';
import { type Resource, selects } from '../../../shared/policy/selection.ts';

const id = 'i-0123456789abcdef0';
const web: Resource = { id, tags: { Env: 'prod', Role: 'web', backup: 'never' } };

const by = (rules: object, resource: Resource = web) =>
  selects({ name: 'nightly', tagKey: 'backup-policy', select: v.parse(select, rules) }, resource);
const tagged = (value: string) => by({}, { id, tags: { 'backup-policy': value } });

describe('a policy that says nothing of its instances', () => {
  test.each(['nightly', 'weekly,nightly', 'weekly nightly', 'nightly/weekly', 'a, nightly ,b'])(
    'takes one that is tagged %s',
    (value) => {
      expect(tagged(value)).toEqual({ selected: true, why: `tag backup-policy is ${value}` });
    },
  );

  test.each(['nightly2', 'Nightly', '', 'night ly', 'nightly-not'])(
    'leaves one that is tagged %j',
    (value) => {
      expect(tagged(value).selected).toBe(false);
    },
  );

  test('leaves one without the tag, and adds what it is told to add', () => {
    expect(by({})).toEqual({ selected: false, why: 'it has no tag backup-policy' });
    expect(by({ include: { ids: [id] } })).toEqual({
      selected: true,
      why: 'select.include.ids: it is on the list',
    });
  });
});

describe('tags', () => {
  test('must all match, and any of the values will do', () => {
    expect(by({ tags: { Env: ['test', 'pr?d'], Role: '*' } }).selected).toBe(true);
    expect(by({ tags: { Env: 'prod', Role: 'db' } })).toEqual({
      selected: false,
      why: 'select.tags: tag Role is web, not db',
    });
    expect(by({ tags: { Owner: '*' } })).toEqual({
      selected: false,
      why: 'select.tags: it has no tag Owner',
    });
  });

  test('that objects have by birth are not there', () => {
    expect(by({ tags: { constructor: '*' } }).selected).toBe(false);
  });
});

test('an exclusion wins over all, over an id, and over an inclusion', () => {
  const exclude = { tags: { backup: 'never' } };
  const left = { selected: false, why: 'select.exclude.tags: tag backup is never' };
  expect(by({ all: true, exclude })).toEqual(left);
  expect(by({ ids: [id], exclude, include: { all: true } })).toEqual(left);
});

test('the rule that decides is named where it stands', () => {
  const { why } = by({ anyOf: [{ ids: ['i-00000000000000000'] }, { not: { tags: { Env: 'test' } } }] });
  expect(why).toBe('select.anyOf.1.not.tags: tag Env is prod, not test');
});

const key = fc.constantFrom('Env', 'Role', 'Team');
const value = fc.stringMatching(/^[a-c*?.[\\]{0,3}$/);
const resources = fc.record({ id: fc.constant(id), tags: fc.dictionary(key, value) });
const expressions = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      tags: fc.dictionary(key, fc.oneof(value, fc.array(value, { minLength: 1 })), { minKeys: 1 }),
    }),
    fc.record({ ids: fc.constantFrom<string[]>([id], ['i-00000000000000000']) }),
    fc.constant({ all: true as const }),
    fc.record({ anyOf: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('any') }),
  ),
})).any;
const taken = (one: Expression, resource: Resource) => by({ allOf: [one] }, resource).selected;

describe('expressions of every kind', () => {
  test('are expressions', () => {
    fc.assert(fc.property(expressions, (one) => v.safeParse(expression, one).success));
  });

  test("obey De Morgan's laws", () => {
    fc.assert(
      fc.property(expressions, expressions, resources, (one, other, resource) => {
        const neither = taken({ not: { anyOf: [one, other] } }, resource);
        const notBoth = taken({ not: { allOf: [one, other] } }, resource);
        expect(neither).toBe(taken({ allOf: [{ not: one }, { not: other }] }, resource));
        expect(notBoth).toBe(taken({ anyOf: [{ not: one }, { not: other }] }, resource));
      }),
    );
  });

  test('never take what is excluded, and always what is included and not excluded', () => {
    fc.assert(
      fc.property(expressions, expressions, expressions, resources, (base, include, exclude, resource) => {
        const { selected } = by({ allOf: [base], include, exclude }, resource);
        const expected = !taken(exclude, resource) && (taken(base, resource) || taken(include, resource));
        expect(selected).toBe(expected);
      }),
    );
  });

  test('name a rule, whatever comes of it', () => {
    fc.assert(
      fc.property(expressions, resources, (one, resource) => by({ allOf: [one] }, resource).why !== ''),
    );
  });
});
