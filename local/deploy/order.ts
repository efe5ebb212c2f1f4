import { intrinsicOf } from './intrinsics.ts';
import { DeploymentRefused, isFields, type Resource, type Value } from './template.ts';

/** The names that a value refers to, whatever they turn out to be. */
function references(value: Value, where: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => references(item, where));
  if (!isFields(value)) return [];
  const inner = Object.values(value).flatMap((item) => references(item, where));
  const intrinsic = intrinsicOf(value, where);
  const argument = intrinsic === undefined ? undefined : value[intrinsic];
  if (intrinsic === 'Ref') return [String(argument)];
  if (intrinsic === 'Fn::GetAtt') {
    const [resource] = Array.isArray(argument) ? argument : String(argument).split('.');
    return [String(resource)];
  }
  if (intrinsic === 'Fn::Sub') {
    const text = String(Array.isArray(argument) ? argument[0] : argument);
    const named = [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name.split('.')[0] ?? '');
    return [...named, ...inner];
  }
  return inner;
}

/**
 * The logical ids in an order in which each comes after all that it depends on.
 * @throws DeploymentRefused naming resources that depend on each other, or a DependsOn that leads nowhere.
 */
export function creationOrder(resources: Record<string, Resource>): string[] {
  const order = new Set<string>();
  const path: string[] = [];
  const visit = (id: string) => {
    if (order.has(id)) return;
    if (path.includes(id)) {
      const circle = path.slice(path.indexOf(id)).join(', ');
      throw new DeploymentRefused(`Circular dependency between resources: [${circle}]`);
    }
    const resource = resources[id];
    if (!resource) return;
    path.push(id);
    for (const needed of [resource.DependsOn ?? []].flat()) {
      if (!resources[needed]) throw new DeploymentRefused(`${id}: DependsOn ${needed} leads nowhere`);
      visit(needed);
    }
    for (const needed of references(resource.Properties ?? {}, id)) visit(needed);
    path.pop();
    order.add(id);
  };
  for (const id of Object.keys(resources)) visit(id);
  return [...order];
}
