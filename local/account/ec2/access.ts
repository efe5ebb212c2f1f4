import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { Access, ConditionContext } from '../service.ts';
import type { Collection, Item } from './collection.ts';
import type { Inventory } from './inventory.ts';

/** What AWS's service authorization reference says that a call touches, as questions to IAM. */

/** For actions without resource types: all that describe. */
export function everything(action: string): Access[] {
  return [{ action: `ec2:${action}`, resource: '*' }];
}

/** Condition keys of tags: those that a resource has, or those that a request brings. */
function tagKeys(prefixes: string[], tags: readonly Tag[]): ConditionContext {
  return Object.fromEntries(
    tags.flatMap(({ Key, Value }) => prefixes.map((prefix) => [`${prefix}/${Key}`, Value ?? ''])),
  );
}

/** Condition keys of the tags that a request brings. */
export function requestTags(tags: readonly Tag[]): ConditionContext {
  if (tags.length === 0) return {};
  return { 'aws:TagKeys': tags.map((tag) => tag.Key ?? ''), ...tagKeys(['aws:RequestTag'], tags) };
}

/** One question for each existing resource. */
export function existing<It extends Item>(
  ec2: Inventory,
  action: string,
  { kind }: Collection<It>,
  items: readonly It[],
  more: ConditionContext = {},
): Access[] {
  return items.map((item) => ({
    action: `ec2:${action}`,
    resource: ec2.arn(kind.type, item.id),
    context: {
      ...tagKeys(['aws:ResourceTag', 'ec2:ResourceTag'], item.data.Tags ?? []),
      ...kind.context?.(item),
      ...more,
    },
  }));
}

/** The tags of one resource type in a request's TagSpecifications. */
export function tagsFor(type: string, specifications: readonly TagSpecification[] = []): Tag[] {
  return specifications
    .filter((specification) => specification.ResourceType === type)
    .flatMap((specification) => specification.Tags ?? []);
}

/** The question for a resource that the call will make, whose id is not known yet. */
export function coming(
  ec2: Inventory,
  action: string,
  type: string,
  specifications: readonly TagSpecification[] | undefined,
  context: ConditionContext = {},
): Access {
  return {
    action: `ec2:${action}`,
    resource: ec2.arn(type, '*'),
    context: { ...requestTags(tagsFor(type, specifications)), ...context },
  };
}

/** Tags at creation need ec2:CreateTags as well, for each type that gets some, with ec2:CreateAction. */
export function taggingAtCreation(
  ec2: Inventory,
  action: string,
  specifications: readonly TagSpecification[] = [],
): Access[] {
  const tagged = specifications.filter((one) => one.Tags?.length).map((one) => one.ResourceType ?? '');
  return [...new Set(tagged)].map((type) =>
    coming(ec2, 'CreateTags', type, specifications, { 'ec2:CreateAction': action }),
  );
}
