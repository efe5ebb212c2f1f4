import type { Expression } from '../../shared/policy/expression.ts';
import type { Policy } from '../../shared/policy/policy.ts';

type Select = Policy['select'];

/**
 * Whether a selection takes nothing, whatever instances there are: its exclusion takes away all that its rules take, or
 * its rules exclude one another. Only what is plain from the text is seen.
 */
export function selectsNothing({ include, exclude, regions: _, ...rules }: Select): boolean {
  if (exclude && always(exclude) === true) return true;
  if (include !== undefined && always(include) !== false) return false;
  return always(rules) === false || (exclude !== undefined && takesAll(exclude, rules));
}

/** Whether an expression matches everything (true) or nothing (false); undefined when that depends on the instance. */
function always({ all, anyOf, allOf, not }: Expression): boolean | undefined {
  if (all) return true;
  if (not) {
    const inner = always(not);
    return inner === undefined ? undefined : !inner;
  }
  const parts = (anyOf ?? allOf)?.map(always);
  const decisive = anyOf !== undefined; // one that matches everything is enough for anyOf, one for nothing for allOf
  if (parts?.includes(decisive)) return decisive;
  return parts?.every((part) => part === !decisive) ? !decisive : undefined;
}

/** Whether an exclusion by ids or tags takes away all that a rule by ids or tags takes. */
function takesAll(exclude: Expression, { ids, tags }: Expression): boolean {
  if (ids) return ids.every((id) => exclude.ids?.includes(id));
  if (!tags || !exclude.tags) return false;
  return Object.entries(exclude.tags).every(([key, out]) => {
    const taken = Object.hasOwn(tags, key) ? [tags[key] ?? []].flat() : undefined;
    const excluded = [out].flat();
    return taken?.every((pattern) => excluded.includes(pattern)) ?? false;
  });
}

/** The keys of all tags that a selection looks at. */
export function selectedKeys({ include, exclude, ...rules }: Select): Set<string> {
  return new Set([rules, include ?? {}, exclude ?? {}].flatMap(keysOf));
}

function keysOf({ tags = {}, anyOf = [], allOf = [], not }: Expression): string[] {
  return [...Object.keys(tags), ...[...anyOf, ...allOf, ...(not ? [not] : [])].flatMap(keysOf)];
}
