import type { ExprNode } from 'jsonata';
import type { Fault } from './check.ts';
import { type Flow, flowsWithin, type State } from './definition.ts';
import { isObject } from './json.ts';
import { compile, sourceOf } from './query.ts';

/** Fields that are names or hold flows of their own: nothing in them is evaluated. */
const NEVER_EVALUATED = /^(Type|Comment|Next|Default|Resource|Retry|Branches|ItemProcessor)$/;

/** Checks every expression: that it parses, names only what `$states` has at its place, and has no implicit input. */
export function checkExpressions(flow: Flow, path: string): Fault[] {
  return Object.entries(flow.States).flatMap(([name, state]) => {
    const at = `${path}/States/${name}`;
    const fields = Object.entries(state).filter(([key]) => !NEVER_EVALUATED.test(key));
    const faults = fields
      .flatMap(([key, value]) => expressionsIn(value, `/${key}`))
      .flatMap(({ source, field }) =>
        expressionFaults(source, state, field).map((message) => ({ path: `${at}${field}`, message })),
      );
    return [...faults, ...flowsWithin(state).flatMap((inner) => checkExpressions(inner, at))];
  });
}

function expressionsIn(value: unknown, field: string): { source: string; field: string }[] {
  const source = sourceOf(value);
  if (source !== undefined) return [{ source, field }];
  if (Array.isArray(value)) return value.flatMap((item, at) => expressionsIn(item, `${field}[${at}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => expressionsIn(inner, `${field}/${key}`));
}

/** @param field the place within the state, `/Catch[0]/Output/x` */
function expressionFaults(source: string, state: State, field: string): string[] {
  let ast: ExprNode;
  try {
    ast = compile(source).ast();
  } catch (error) {
    return [`The JSONata expression '${source}' is not valid: ${isObject(error) ? error.message : error}`];
  }
  const faults: string[] = [];
  const afterResult = ['Task', 'Parallel', 'Map'].includes(state.Type) && /^\/(Output|Assign)\b/.test(field);
  const used = new Set(statesFieldsOf(ast));
  if (used.has('result') && !afterResult) faults.push('$states.result is not available here');
  if (used.has('errorOutput') && !field.startsWith('/Catch'))
    faults.push('$states.errorOutput is available in Catch only');
  for (const name of used)
    if (!['input', 'result', 'errorOutput', 'context'].includes(name))
      faults.push(`There is no $states.${name}`);
  const implicit = implicitInput(ast);
  if (implicit !== undefined)
    faults.push(`"${implicit}" has no input to refer to: begin with $states.input or a variable`);
  return faults;
}

/** The names right after `$states.` anywhere in an expression. */
function statesFieldsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(statesFieldsOf);
  if (!isObject(node)) return [];
  const [first, second] = Array.isArray(node.steps) ? node.steps : [];
  const own =
    first?.type === 'variable' && first.value === 'states' && second?.type === 'name' ? [second.value] : [];
  return [...own, ...Object.values(node).flatMap(statesFieldsOf)];
}

/** A field name, `$` or `$$` that would refer to the input of the whole expression, which Step Functions leaves out. */
function implicitInput(node: unknown): string | undefined {
  if (Array.isArray(node)) return first(node.map(implicitInput));
  if (!isObject(node)) return undefined;
  if (node.type === 'variable' && (node.value === '' || node.value === '$')) return `$${node.value}`;
  if (node.type === 'name') return String(node.value);
  // Later steps of a path, and what filters, sorts or groups it, refer to what the path has come to.
  if (node.type === 'path' && Array.isArray(node.steps)) return implicitInput(node.steps[0]);
  const { stages: _, predicate: __, group: ___, ...rest } = node;
  // The right side of a transform refers to what is transformed.
  return node.type === 'transform' ? undefined : first(Object.values(rest).map(implicitInput));
}

function first(found: (string | undefined)[]): string | undefined {
  return found.find((one) => one !== undefined);
}
