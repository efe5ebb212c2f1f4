import { DeploymentRefused, isFields, type Value } from './template.ts';

/** What intrinsic functions are resolved against. */
export interface Scope {
  /** The value of `Ref`, for resources, parameters and pseudo parameters; undefined when there is none. */
  ref(name: string): Value | undefined;
  /** The value of `Fn::GetAtt`; undefined when the resource has no such attribute. */
  attribute(resource: string, attribute: string): Value | undefined;
  /** The value of one of the template's conditions. */
  condition(name: string): boolean;
  availabilityZones(region: string): string[];
}

/** Stands for AWS::NoValue until the property that has it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');
type Resolved = Value | typeof NO_VALUE;

type Intrinsic = (argument: Value, scope: Scope, where: string) => Resolved;

const INTRINSICS: Record<string, Intrinsic> = {
  Ref: (name, scope, where) => {
    if (name === 'AWS::NoValue') return NO_VALUE;
    return found(scope.ref(String(name)), `Ref ${String(name)}`, where);
  },
  'Fn::GetAtt': (argument, scope, where) => {
    const [resource = '', ...rest] =
      typeof argument === 'string' ? argument.split('.') : list(argument, where).map(String);
    return found(
      scope.attribute(resource, rest.join('.')),
      `Fn::GetAtt ${resource}.${rest.join('.')}`,
      where,
    );
  },
  'Fn::Sub': (argument, scope, where) => {
    const [text = '', variables = {}] = Array.isArray(argument) ? argument : [argument];
    const own = isFields(variables) ? variables : {};
    return String(text).replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      const value = own[name];
      if (value !== undefined) return String(resolve(value, scope, where));
      const [resource = '', ...attribute] = name.split('.');
      const intrinsic =
        attribute.length > 0 ? { 'Fn::GetAtt': [resource, attribute.join('.')] } : { Ref: name };
      return String(resolve(intrinsic, scope, where));
    });
  },
  'Fn::Join': (argument, scope, where) => {
    const [separator, parts] = list(argument, where);
    return list(resolve(parts ?? [], scope, where), where)
      .map(String)
      .join(String(separator));
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, text] = list(resolve(argument, scope, where), where);
    return String(text).split(String(separator));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, values] = list(resolve(argument, scope, where), where);
    return found(list(values ?? [], where)[Number(index)], `Fn::Select ${String(index)}`, where);
  },
  'Fn::Base64': (text, scope, where) => Buffer.from(String(resolve(text, scope, where))).toString('base64'),
  'Fn::GetAZs': (region, scope, where) => scope.availabilityZones(String(resolve(region, scope, where))),
  'Fn::If': (argument, scope, where) => {
    const [condition, yes, no] = list(argument, where);
    return resolveAny((scope.condition(String(condition)) ? yes : no) ?? null, scope, where);
  },
  'Fn::Equals': (argument, scope, where) => {
    const [one, other] = list(resolve(argument, scope, where), where);
    return JSON.stringify(one) === JSON.stringify(other);
  },
  'Fn::Not': (argument, scope, where) => !list(resolve(argument, scope, where), where)[0],
  'Fn::And': (argument, scope, where) => list(resolve(argument, scope, where), where).every(Boolean),
  'Fn::Or': (argument, scope, where) => list(resolve(argument, scope, where), where).some(Boolean),
};

function found(value: Value | undefined, what: string, where: string): Value {
  if (value === undefined) throw new DeploymentRefused(`${where}: ${what} leads nowhere`);
  return value;
}

function list(value: Value, where: string): Value[] {
  if (!Array.isArray(value)) throw new DeploymentRefused(`${where}: ${JSON.stringify(value)} is not a list`);
  return value;
}

/** The name of the intrinsic function that an object is. @throws DeploymentRefused when there is none of the name. */
export function intrinsicOf(value: { [key: string]: Value }, where: string): string | undefined {
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || !/^(Ref|Fn::.*)$/.test(key)) return undefined;
  if (!INTRINSICS[key]) throw new DeploymentRefused(`${where}: ${key} is not supported`);
  return key;
}

function resolveAny(value: Value, scope: Scope, where: string): Resolved {
  if (Array.isArray(value))
    return value.flatMap((item) => {
      const resolved = resolveAny(item, scope, where);
      return resolved === NO_VALUE ? [] : [resolved];
    });
  if (!isFields(value)) return value;
  const name = intrinsicOf(value, where);
  const intrinsic = name === undefined ? undefined : INTRINSICS[name];
  if (name !== undefined && intrinsic) return intrinsic(value[name] ?? null, scope, where);
  const result: { [key: string]: Value } = {};
  for (const [key, item] of Object.entries(value)) {
    const resolved = resolveAny(item, scope, where);
    if (resolved !== NO_VALUE) result[key] = resolved;
  }
  return result;
}

/**
 * A value with all of its intrinsic functions resolved.
 * @param where what the value belongs to, for messages.
 * @throws DeploymentRefused naming an unknown intrinsic function, or a reference that leads nowhere.
 */
export function resolve(value: Value, scope: Scope, where: string): Value {
  const resolved = resolveAny(value, scope, where);
  return resolved === NO_VALUE ? null : resolved;
}

/** The template's conditions may name one another by `{ Condition: name }`, which means that nowhere else. */
export function resolveCondition(value: Value, scope: Scope, where: string): boolean {
  const written = (item: Value): Value => {
    if (Array.isArray(item)) return item.map(written);
    if (!isFields(item)) return item;
    if (typeof item.Condition === 'string') return scope.condition(item.Condition);
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, written(inner)]));
  };
  return resolve(written(value), scope, where) === true;
}
