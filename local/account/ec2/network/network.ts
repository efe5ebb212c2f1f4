import type {
  IpPermission,
  PrefixList,
  Route,
  RouteTable,
  RouteTableAssociation,
  SecurityGroup,
  Subnet,
  Tag,
  Vpc,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../service.ts';
import type { Item, Kind } from '../collection.ts';
import type { Inventory } from '../inventory.ts';
import { contains, usable } from './cidr.ts';

export interface VpcItem extends Item {
  data: Vpc;
  /** DNS support and host names are both on, which private names of endpoints need. */
  dns: boolean;
}
export interface SubnetItem extends Item {
  data: Subnet;
  /** Addresses in use, and by what. */
  addresses: Map<string, string>;
}
export interface GroupItem extends Item {
  data: SecurityGroup & { IpPermissions: IpPermission[]; IpPermissionsEgress: IpPermission[] };
}
export interface RouteTableItem extends Item {
  data: RouteTable & { Routes: Route[]; Associations: RouteTableAssociation[] };
}
export interface EndpointItem extends Item {
  /** AWS answers with states in lower case, `available`, whatever the SDK's type says. */
  data: Omit<VpcEndpoint, 'State'> & { State: 'pending' | 'available' | 'deleting' };
  /** Addresses of its network interfaces. */
  addresses: string[];
}
export interface PrefixListItem extends Item {
  data: PrefixList & { Tags?: Tag[] };
}

export const vpcKind: Kind<VpcItem> = {
  prefix: 'vpc',
  type: 'vpc',
  words: 'vpc ID',
  notFound: 'InvalidVpcID.NotFound',
  malformed: 'InvalidVpcID.Malformed',
  fields: {},
};

export const subnetKind: Kind<SubnetItem> = {
  prefix: 'subnet',
  type: 'subnet',
  words: 'subnet ID',
  notFound: 'InvalidSubnetID.NotFound',
  malformed: 'InvalidSubnetID.Malformed',
  fields: { 'subnet-id': (subnet) => [subnet.SubnetId], 'vpc-id': (subnet) => [subnet.VpcId] },
};

export const groupKind: Kind<GroupItem> = {
  prefix: 'sg',
  type: 'security-group',
  words: 'security group',
  notFound: 'InvalidGroup.NotFound',
  malformed: 'InvalidGroupId.Malformed',
  fields: {
    'group-id': (group) => [group.GroupId],
    'group-name': (group) => [group.GroupName],
    'vpc-id': (group) => [group.VpcId],
  },
};

export const routeTableKind: Kind<RouteTableItem> = {
  prefix: 'rtb',
  type: 'route-table',
  words: 'routeTable ID',
  notFound: 'InvalidRouteTableID.NotFound',
  malformed: 'InvalidRouteTableId.Malformed',
  fields: {
    'route-table-id': (table) => [table.RouteTableId],
    'vpc-id': (table) => [table.VpcId],
    'association.subnet-id': (table) => (table.Associations ?? []).map((one) => one.SubnetId),
    'association.main': (table) => (table.Associations ?? []).map((one) => String(one.Main)),
  },
};

export const endpointKind: Kind<EndpointItem> = {
  prefix: 'vpce',
  type: 'vpc-endpoint',
  words: 'Vpc Endpoint Id',
  notFound: 'InvalidVpcEndpointId.NotFound',
  malformed: 'InvalidVpcEndpointId.Malformed',
  fields: {
    'vpc-endpoint-id': (endpoint) => [endpoint.VpcEndpointId],
    'vpc-endpoint-state': (endpoint) => [endpoint.State],
    'vpc-endpoint-type': (endpoint) => [endpoint.VpcEndpointType],
    'vpc-id': (endpoint) => [endpoint.VpcId],
    'service-name': (endpoint) => [endpoint.ServiceName],
  },
  context: ({ data }) => ({ 'ec2:VpceServiceName': data.ServiceName ?? '' }),
};

export const prefixListKind: Kind<PrefixListItem> = {
  prefix: 'pl',
  type: 'prefix-list',
  words: 'prefix list ID',
  notFound: 'InvalidPrefixListId.NotFound',
  malformed: 'InvalidPrefixListId.Malformed',
  fields: {
    'prefix-list-id': (list) => [list.PrefixListId],
    'prefix-list-name': (list) => [list.PrefixListName],
  },
};

/** The prefix list of S3, as it is in eu-west-1. */
export const S3_PREFIX_LIST = 'pl-6da54004';

/** The table that a subnet's traffic follows: its own, or the main one of the VPC. */
export function routeTableOf(ec2: Inventory, subnet: Subnet): RouteTableItem | undefined {
  const tables = ec2.routeTables.all().filter((table) => table.data.VpcId === subnet.VpcId);
  const own = tables.find((table) => table.data.Associations.some((one) => one.SubnetId === subnet.SubnetId));
  return own ?? tables.find((table) => table.data.Associations.some((one) => one.Main));
}

/**
 * Gives an address of a subnet to something.
 * @throws AwsError InvalidParameterValue, InvalidIPAddress.InUse, InsufficientFreeAddressesInSubnet.
 */
export function takeAddress({ data, addresses }: SubnetItem, user: string, wanted?: string): string {
  const cidr = data.CidrBlock ?? '';
  if (wanted !== undefined && !contains(cidr, wanted))
    throw new AwsError(
      'InvalidParameterValue',
      `Address ${wanted} does not fall within the subnet's address range`,
    );
  if (wanted !== undefined && addresses.has(wanted))
    throw new AwsError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`);
  const address = wanted ?? usable(cidr).find((one) => !addresses.has(one));
  if (address === undefined)
    throw new AwsError(
      'InsufficientFreeAddressesInSubnet',
      `The specified subnet does not have enough free addresses to satisfy the request.`,
    );
  addresses.set(address, user);
  return address;
}

/** Frees every address that something had. */
export function releaseAddresses(ec2: Inventory, user: string): void {
  for (const { addresses } of ec2.subnets.all())
    for (const [address, by] of addresses) if (by === user) addresses.delete(address);
}
