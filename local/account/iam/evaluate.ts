import type { Access, ConditionContext } from '../service.ts';
import { conditionsHold } from './conditions.ts';
import { actionLike, arnLike, like } from './patterns.ts';
import type { Statement } from './policy.ts';
import { substitute } from './variables.ts';

/** Which entries of a statement's lists matched; -1 where the list is one of exceptions. */
export interface Match {
  statement: Statement;
  action: number;
  resource: number;
}

function resourceLike(pattern: string, resource: string, context: ConditionContext): boolean {
  if (pattern === '*') return true;
  const text = substitute(pattern, context, true);
  if (text === undefined) return false;
  return resource.startsWith('arn:') ? arnLike(text, resource) : like(text, resource);
}

/** The place in the list that fits, or undefined when the element as a whole does not match. */
function place(
  { list, except }: Statement['actions'],
  fits: (pattern: string) => boolean,
): number | undefined {
  const at = list.findIndex(fits);
  if (except) return at < 0 ? -1 : undefined;
  return at < 0 ? undefined : at;
}

/** Whether a statement speaks of this access: its action, its resource and all of its conditions. */
export function matches(statement: Statement, access: Access, context: ConditionContext): Match | undefined {
  const action = place(statement.actions, (pattern) => actionLike(pattern, access.action));
  if (action === undefined) return undefined;
  const resource = place(statement.resources, (pattern) => resourceLike(pattern, access.resource, context));
  if (resource === undefined) return undefined;
  return conditionsHold(statement.conditions, context) ? { statement, action, resource } : undefined;
}
