import type { CreateTagsRequest, Tag } from '@aws-sdk/client-ec2';
import { type Access, AwsError, type ConditionContext, type Operation } from '../../service.ts';
import { existing, requestTags } from '../access.ts';
import type { Collection, Item } from '../collection.ts';
import type { Inventory } from '../inventory.ts';
import { checkTags, merged } from './tags.ts';

const MOST_RESOURCES = 1000;

/** CreateTags: on up to 1,000 resources of any kind; all of them get the tags, or none. */
export function createTags(ec2: Inventory): Operation<CreateTagsRequest> {
  return {
    access: ({ Resources = [], Tags = [] }) => {
      if (Resources.length > MOST_RESOURCES)
        throw new AwsError('InvalidParameterValue', `The maximum number of resources is ${MOST_RESOURCES}.`);
      return Resources.flatMap((id) => targetOf(ec2, id).access(requestTags(Tags)));
    },
    run: ({ Resources = [], Tags = [] }) => {
      checkTags(Tags);
      const targets = Resources.map((id) => targetOf(ec2, id));
      const changes = targets.map((one) => ({ one, tags: merged(one.tags, Tags) }));
      for (const { one, tags } of changes) one.tag(tags);
      return {};
    },
  };
}

/** What a tag goes on, and what IAM is asked about it. */
interface Target {
  tags: Tag[] | undefined;
  /** Gives it these tags in the place of those that it has. */
  tag(tags: Tag[]): void;
  access(context: ConditionContext): Access[];
}

/** The resource that an id names, by its prefix. @throws AwsError InvalidID, or as its kind says. */
export function targetOf(ec2: Inventory, id: string): Target {
  switch (id.slice(0, id.lastIndexOf('-'))) {
    case 'i':
      return target(ec2, ec2.instances, id);
    case 'ami':
      return target(ec2, ec2.images, id);
    case 'snap':
      return target(ec2, ec2.snapshots, id);
    case 'vol':
      return target(ec2, ec2.volumes, id);
    case 'sg':
      return target(ec2, ec2.groups, id);
    case 'vpce':
      return target(ec2, ec2.endpoints, id);
    default:
      throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  }
}

function target<It extends Item>(ec2: Inventory, collection: Collection<It>, id: string): Target {
  const item = collection.get(id);
  return {
    tags: item.data.Tags,
    tag: (tags) =>
      collection.change(item, (data) => {
        data.Tags = tags;
      }),
    access: (context) => existing(ec2, 'CreateTags', collection, [item], context),
  };
}
