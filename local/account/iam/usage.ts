import type { Match } from './evaluate.ts';
import type { Role } from './iam.ts';
import type { Statement } from './policy.ts';

/** What no call has matched: a whole statement, or one action or one resource of a statement that is used otherwise. */
export interface UnusedStatement {
  role: string;
  effect: 'Allow' | 'Deny';
  sid?: string;
  /** The place of the statement among all of the role's. */
  index: number;
  /** The unused actions; all that the statement lists when only the resource is unused. */
  action: string;
  /** The unused resources; all that the statement lists when only the action is unused. */
  resource: string;
}

/** Notes which actions and resources of which statements have decided a call. */
export class Usage {
  #actions = new Map<Statement, Set<number>>();
  #resources = new Map<Statement, Set<number>>();

  note({ statement, action, resource }: Match): void {
    this.actions(statement).add(action);
    this.resources(statement).add(resource);
  }

  actions(statement: Statement): Set<number> {
    return getOrMake(this.#actions, statement);
  }

  resources(statement: Statement): Set<number> {
    return getOrMake(this.#resources, statement);
  }
}

function getOrMake(map: Map<Statement, Set<number>>, statement: Statement): Set<number> {
  let found = map.get(statement);
  if (!found) {
    found = new Set();
    map.set(statement, found);
  }
  return found;
}

/** What of a role's statements is unused. */
export function unused(role: Role, usage: Usage): UnusedStatement[] {
  const statements = role.policies.flatMap((policy) => policy.statements);
  return statements.flatMap((statement, index) => {
    const { sid, effect, actions, resources } = statement;
    const entry = (action: string[], resource: string[]): UnusedStatement => ({
      role: role.name,
      effect,
      ...(sid !== undefined && { sid }),
      index,
      action: action.join(' '),
      resource: resource.join(' '),
    });
    if (usage.actions(statement).size === 0) return [entry(actions.list, resources.list)];
    const left = (list: Statement['actions'], used: Set<number>) =>
      list.except ? [] : list.list.filter((_, at) => !used.has(at));
    return [
      ...left(actions, usage.actions(statement)).map((action) => entry([action], resources.list)),
      ...left(resources, usage.resources(statement)).map((resource) => entry(actions.list, [resource])),
    ];
  });
}
