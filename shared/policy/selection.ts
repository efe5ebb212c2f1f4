import type { Expression, TagPatterns } from './expression.ts';
import type { Policy } from './policy.ts';
import { matchesPattern } from './wildcard.ts';

/** An instance or a volume, as far as a selection looks at it. */
export interface Resource {
  id: string;
  tags: Record<string, string>;
}

/** Whether something is taken, and by which rule it is or is not. */
export interface Selection {
  selected: boolean;
  /** One line for a person: `select.exclude: tag backup is never`. */
  why: string;
}

/** Whether a policy protects an instance. An exclusion wins over everything. */
export function selects(
  { name, tagKey, select }: Pick<Policy, 'name' | 'tagKey' | 'select'>,
  resource: Resource,
): Selection {
  const { include, exclude, regions: _, ...rules } = select;
  const excluded = exclude && judge(exclude, resource, 'select.exclude');
  if (excluded?.selected) return { selected: false, why: excluded.why };
  const hasRule = Object.values(rules).some((rule) => rule !== undefined);
  const base = hasRule ? judge(rules, resource, 'select') : namedByTag(name, tagKey, resource);
  if (base.selected || !include) return base;
  const included = judge(include, resource, 'select.include');
  return included.selected ? included : base;
}

/** Whether all tags match one of their patterns; a tag that is not there matches none. */
export function matchesTags(patterns: TagPatterns, resource: Resource, where: string): Selection {
  for (const [key, asked] of Object.entries(patterns)) {
    const value = Object.hasOwn(resource.tags, key) ? resource.tags[key] : undefined;
    const wanted = [asked].flat();
    if (value === undefined) return { selected: false, why: `${where}.tags: it has no tag ${key}` };
    if (!wanted.some((pattern) => matchesPattern(pattern, value)))
      return { selected: false, why: `${where}.tags: tag ${key} is ${value}, not ${wanted.join(' or ')}` };
  }
  const seen = Object.keys(patterns).map((key) => `tag ${key} is ${resource.tags[key]}`);
  return { selected: true, why: `${where}.tags: ${seen.join(', ')}` };
}

/** One tag may name several policies, separated by commas, spaces or slashes. */
function namedByTag(policy: string, tagKey: string, { tags }: Resource): Selection {
  const value = Object.hasOwn(tags, tagKey) ? (tags[tagKey] ?? '') : undefined;
  if (value === undefined) return { selected: false, why: `it has no tag ${tagKey}` };
  const selected = value.split(/[\s,/]+/).includes(policy);
  return { selected, why: `tag ${tagKey} is ${value}${selected ? '' : `, which does not name ${policy}`}` };
}

function judge(expression: Expression, resource: Resource, where: string): Selection {
  const { tags, ids, all, anyOf, allOf, not } = expression;
  if (all) return { selected: true, why: `${where}.all` };
  if (ids) {
    const selected = ids.includes(resource.id);
    return { selected, why: `${where}.ids: ${selected ? 'it is on the list' : 'it is not on the list'}` };
  }
  if (tags) return matchesTags(tags, resource, where);
  if (not) {
    const { selected, why } = judge(not, resource, `${where}.not`);
    return { selected: !selected, why };
  }
  const judged = (anyOf ?? allOf ?? []).map((part, index) =>
    judge(part, resource, `${where}.${anyOf ? 'anyOf' : 'allOf'}.${index}`),
  );
  // The part that decides; where all have to agree and do, what each of them says.
  const deciding = judged.find(({ selected }) => selected === (anyOf !== undefined));
  return deciding ?? { selected: anyOf === undefined, why: judged.map(({ why }) => why).join('; ') };
}
