import type { Filter } from '@aws-sdk/client-ec2';
import { AwsError, type Operation } from '../service.ts';
import { everything } from './access.ts';
import type { Collection, Item } from './collection.ts';
import { copyOf } from './copy.ts';
import { reservations, stateOf, statusOf } from './instances/instance.ts';
import type { Inventory } from './inventory.ts';
import { progressOf } from './snapshots/snapshot.ts';

/** What of a describe request decides, beside its list of ids. */
interface DescribeRequest {
  Filters?: Filter[];
  MaxResults?: number;
  NextToken?: string;
  Owners?: string[];
  OwnerIds?: string[];
  IncludeAllInstances?: boolean;
}

/** Which items a request means beside ids and filters. */
type Where<It> = (item: It, request: DescribeRequest) => boolean;

/** Every describe operation of what a collection holds. */
export function describeOperations(ec2: Inventory): Record<string, Operation> {
  const isOwned = (request: DescribeRequest, owners: (string | undefined)[]) => {
    const wanted = request.Owners ?? request.OwnerIds ?? [];
    const own = wanted.map((owner) => (owner === 'self' ? ec2.account.id : owner));
    return own.length === 0 || owners.some((owner) => owner !== undefined && own.includes(owner));
  };
  return {
    DescribeInstances: describe(ec2.instances, 'InstanceIds', (items) => ({
      Reservations: reservations(ec2, items),
    })),
    DescribeInstanceStatus: describe(
      ec2.instances,
      'InstanceIds',
      (items) => ({ InstanceStatuses: items.map(statusOf) }),
      (item, request) => request.IncludeAllInstances === true || stateOf(item) === 'running',
    ),
    DescribeImages: describe(
      ec2.images,
      'ImageIds',
      (items) => ({ Images: items.map(({ id, data }) => ({ ...data, ...protectionOf(ec2, id) })) }),
      ({ data }, request) => isOwned(request, [data.OwnerId, data.ImageOwnerAlias]),
    ),
    DescribeSnapshots: describe(
      ec2.snapshots,
      'SnapshotIds',
      (items) => ({ Snapshots: items.map((item) => ({ ...item.data, Progress: progressOf(ec2, item) })) }),
      ({ data }, request) => isOwned(request, [data.OwnerId]),
    ),
    DescribeVolumes: describe(ec2.volumes, 'VolumeIds', list('Volumes')),
    DescribeSubnets: describe(ec2.subnets, 'SubnetIds', list('Subnets')),
    DescribeSecurityGroups: describe(ec2.groups, 'GroupIds', list('SecurityGroups')),
    DescribeRouteTables: describe(ec2.routeTables, 'RouteTableIds', list('RouteTables')),
    DescribeVpcEndpoints: describe(ec2.endpoints, 'VpcEndpointIds', list('VpcEndpoints')),
    DescribePrefixLists: describe(ec2.prefixLists, 'PrefixListIds', list('PrefixLists')),
  };
}

/** AWS says it of the account's own images; only what is protected is told here. */
function protectionOf(ec2: Inventory, imageId: string) {
  return ec2.holds.protected.has(imageId) ? { DeregistrationProtection: 'enabled-without-cooldown' } : {};
}

function list(member: string) {
  return (items: Item[]) => ({ [member]: items.map((item) => item.data) });
}

/** An operation that shows a collection: `ids` is the request's parameter for ids, `answer` shapes the result. */
function describe<It extends Item>(
  collection: Collection<It>,
  idsParameter: string,
  answer: (items: It[]) => object,
  where: Where<It> = () => true,
): Operation {
  return {
    access: (_, call) => everything(call.operation),
    run: (request) => {
      const ids: string[] = request[idsParameter] ?? [];
      if (idsParameter === 'InstanceIds' && ids.length > 0 && request.MaxResults !== undefined)
        throw new AwsError(
          'InvalidParameterCombination',
          'The parameter instancesSet cannot be used with the parameter maxResults',
        );
      const found = collection.list({ ...request, ids, where: (item) => where(item, request) });
      return { ...copyOf(answer(found.items)), NextToken: found.NextToken };
    },
  };
}
