/** A policy as JSON has it, with every list written out. */
export interface PolicyDocument {
  statements: Statement[];
}

export type Conditions = Record<string, Record<string, string[]>>;

export interface Statement {
  sid?: string;
  effect: 'Allow' | 'Deny';
  /** Of identity policies: unset. Of resource policies: `*`, or lists by kind (`AWS`, `Service`). */
  principal?: '*' | Record<string, string[]>;
  /** `except` says that the list is that of NotAction. */
  actions: { list: string[]; except: boolean };
  resources: { list: string[]; except: boolean };
  conditions: Conditions;
}

/** A policy that IAM would not take. */
export class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicyDocument';
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function strings(value: unknown, what: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'boolean' || typeof item === 'number') return String(item);
    throw new MalformedPolicy(`${what} is not a string: ${JSON.stringify(item)}`);
  });
}

/** Reads a policy whose intrinsics are resolved. @throws MalformedPolicy naming the statement. */
export function readPolicy(document: unknown, what: string): PolicyDocument {
  if (!isFields(document)) throw new MalformedPolicy(`${what} is not an object`);
  // Without one AWS takes the version of 2008, in which ${…} is no variable.
  if (document.Version !== '2012-10-17' && JSON.stringify(document).includes('${'))
    throw new MalformedPolicy(`${what} has variables, but not Version 2012-10-17`);
  const list = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return { statements: list.map((entry, index) => readStatement(entry, `${what}, statement ${index}`)) };
}

const KEYS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

function readStatement(entry: unknown, what: string): Statement {
  if (!isFields(entry)) throw new MalformedPolicy(`${what} is not an object`);
  const unknown = Object.keys(entry).find((key) => !KEYS.has(key));
  if (unknown) throw new MalformedPolicy(`${what} has an unknown key ${unknown}`);
  const { Effect: effect } = entry;
  if (effect !== 'Allow' && effect !== 'Deny') throw new MalformedPolicy(`${what} has no Effect`);
  return {
    ...(typeof entry.Sid === 'string' && { sid: entry.Sid }),
    effect,
    ...(entry.Principal !== undefined && { principal: readPrincipal(entry.Principal, what) }),
    actions: either(entry, 'Action', what),
    resources: either(entry, 'Resource', what),
    conditions: readConditions(entry.Condition, what),
  };
}

function either(entry: Fields, key: 'Action' | 'Resource', what: string) {
  const except = `Not${key}` in entry;
  if (except === key in entry) throw new MalformedPolicy(`${what} needs one of ${key} and Not${key}`);
  const list = strings(entry[except ? `Not${key}` : key], `${what}, ${key}`);
  return { list, except };
}

function readPrincipal(principal: unknown, what: string): '*' | Record<string, string[]> {
  if (principal === '*') return '*';
  if (!isFields(principal)) throw new MalformedPolicy(`${what} has a Principal that is none`);
  return Object.fromEntries(
    Object.entries(principal).map(([kind, names]) => [kind, strings(names, `${what}, Principal`)]),
  );
}

function readConditions(condition: unknown, what: string): Conditions {
  if (condition === undefined) return {};
  if (!isFields(condition)) throw new MalformedPolicy(`${what} has a Condition that is no object`);
  const conditions: Conditions = {};
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isFields(keys)) throw new MalformedPolicy(`${what}: ${operator} is no object`);
    conditions[operator] = Object.fromEntries(
      Object.entries(keys).map(([key, values]) => [key, strings(values, `${what}, ${key}`)]),
    );
  }
  return conditions;
}
