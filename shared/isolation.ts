import type {
  IpPermission,
  Route,
  RouteTable,
  SecurityGroup,
  Subnet,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { letsOthersPass } from './endpointPolicy.ts';

/**
 * The AWS services through which Systems Manager reaches an instance whose agent is of version 3.3.40.0 (2024) or later;
 * ec2messages, which older ones need, is retired: docs/decisions/13-endpoints-of-the-sandbox.md
 */
export const AGENT_SERVICES = ['ssm', 'ssmmessages'];

/** What of a network decides whether a copy in it can reach anything. */
export interface Network {
  subnet: Subnet | undefined;
  /** Every route table of the VPC. */
  routeTables: readonly RouteTable[];
  /** The instances' group, and the one of the endpoints. */
  instanceGroup: SecurityGroup | undefined;
  endpointGroup: SecurityGroup | undefined;
  /** Every endpoint of the VPC. */
  endpoints: readonly VpcEndpoint[];
  /** Prefix list of S3 in this Region. */
  s3PrefixList: string | undefined;
}

/** What the sandbox is meant to be. */
export interface Sandbox {
  vpcId: string;
  region: string;
  partition: string;
  stagingBucket: string;
  /** The role of its instances. */
  instanceRoleArn: string;
}

/**
 * Everything by which an instance in this subnet, with this group, could reach or be reached by anything else than
 * Systems Manager's endpoints and the staging bucket; none means that it is isolated. What cannot be seen counts as
 * open. `looked` counts the rules that were looked at.
 */
export function leaksOf(network: Network, sandbox: Sandbox): { looked: number; leaks: string[] } {
  const { subnet, instanceGroup, endpointGroup, s3PrefixList } = network;
  if (!subnet) return { looked: 0, leaks: ['the subnet is not there'] };
  if (!instanceGroup || !endpointGroup) return { looked: 0, leaks: ['a security group is not there'] };
  if (!s3PrefixList) return { looked: 0, leaks: ['the prefix list of S3 is not there'] };
  const table = routeTableOf(subnet, network.routeTables);
  const routes = table?.Routes ?? [];
  const egress = instanceGroup.IpPermissionsEgress ?? [];
  const ingress = instanceGroup.IpPermissions ?? [];
  const leaks = [
    ...subnetLeaks(subnet, instanceGroup, sandbox.vpcId),
    ...(table ? [] : [`${subnet.SubnetId} has no route table`]),
    ...(table?.PropagatingVgws ?? []).map((vgw) => `${table?.RouteTableId} takes routes of ${vgw.GatewayId}`),
    ...routes
      .filter((route) => !isInnerRoute(route, s3PrefixList))
      .map((route) => `${table?.RouteTableId} has a route ${routeInWords(route)}`),
    ...egress
      .filter((rule) => !isInnerEgress(rule, endpointGroup.GroupId, s3PrefixList))
      .map((rule) => `${instanceGroup.GroupId} lets out ${ruleInWords(rule)}`),
    ...ingress.map((rule) => `${instanceGroup.GroupId} lets in ${ruleInWords(rule)}`),
    ...endpointLeaks(network.endpoints, endpointGroup.GroupId, sandbox),
  ];
  return { looked: routes.length + egress.length + ingress.length + network.endpoints.length + 1, leaks };
}

function subnetLeaks(subnet: Subnet, group: SecurityGroup, vpcId: string): string[] {
  return [
    ...(subnet.VpcId === vpcId ? [] : [`${subnet.SubnetId} is in ${subnet.VpcId}, not in ${vpcId}`]),
    ...(group.VpcId === vpcId ? [] : [`${group.GroupId} is in ${group.VpcId}, not in ${vpcId}`]),
    ...(subnet.MapPublicIpOnLaunch ? [`${subnet.SubnetId} gives public addresses`] : []),
    ...(subnet.AssignIpv6AddressOnCreation ? [`${subnet.SubnetId} gives IPv6 addresses`] : []),
  ];
}

/** The table that is associated with the subnet; without one the VPC's main table counts. */
function routeTableOf(subnet: Subnet, tables: readonly RouteTable[]): RouteTable | undefined {
  const own = tables.find((table) => table.Associations?.some((one) => one.SubnetId === subnet.SubnetId));
  return (
    own ?? tables.find((table) => table.VpcId === subnet.VpcId && table.Associations?.some((one) => one.Main))
  );
}

function isInnerRoute(route: Route, s3PrefixList: string): boolean {
  const {
    DestinationCidrBlock,
    DestinationIpv6CidrBlock,
    DestinationPrefixListId,
    GatewayId = '',
    ...rest
  } = route;
  // A target that is no gateway (an interface, a peering, a NAT gateway) leads somewhere, whatever else stands there.
  const { State, Origin, ...targets } = rest;
  if (Object.values(targets).some((target) => target !== undefined)) return false;
  if (GatewayId === 'local') return DestinationPrefixListId === undefined;
  return DestinationPrefixListId === s3PrefixList && GatewayId.startsWith('vpce-');
}

function isInnerEgress(rule: IpPermission, endpointGroup: string | undefined, s3PrefixList: string): boolean {
  const groups = rule.UserIdGroupPairs ?? [];
  const lists = rule.PrefixListIds ?? [];
  return (
    rule.IpProtocol === 'tcp' &&
    rule.FromPort === 443 &&
    rule.ToPort === 443 &&
    (rule.IpRanges ?? []).length === 0 &&
    (rule.Ipv6Ranges ?? []).length === 0 &&
    groups.length + lists.length > 0 &&
    groups.every((pair) => pair.GroupId === endpointGroup && pair.PeeringStatus === undefined) &&
    lists.every((list) => list.PrefixListId === s3PrefixList)
  );
}

/** Endpoints that the copy reaches, by its egress or by a route, and that lead to more than they must. */
function endpointLeaks(
  endpoints: readonly VpcEndpoint[],
  endpointGroup: string | undefined,
  sandbox: Sandbox,
): string[] {
  const prefix = `com.amazonaws.${sandbox.region}.`;
  return endpoints.flatMap((endpoint) => {
    const { VpcEndpointId: id, ServiceName = '', VpcEndpointType, Groups = [] } = endpoint;
    if (VpcEndpointType === 'Gateway') {
      if (ServiceName !== `${prefix}s3`) return []; // it has a prefix list of its own, whose route is not let pass
      const open = openResources(endpoint.PolicyDocument, sandbox);
      return open.map((resource) => `${id} lets requests pass to ${resource}`);
    }
    if (!Groups.some((group) => group.GroupId === endpointGroup)) return [];
    const known = AGENT_SERVICES.some((service) => ServiceName === `${prefix}${service}`);
    if (!known) return [`${id} leads to ${ServiceName}`];
    const open = letsOthersPass(endpoint.PolicyDocument, sandbox.instanceRoleArn);
    return open ? [`${id} lets others pass to ${ServiceName} than ${sandbox.instanceRoleArn}`] : [];
  });
}

const text = v.union([
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
  v.array(v.string()),
]);
const policy = v.object({
  Statement: v.array(
    v.object({ Effect: v.string(), Resource: v.optional(text), NotResource: v.optional(text) }),
  ),
});

/** What an endpoint's policy allows beside the staging bucket; a policy that cannot be read allows everything. */
function openResources(document: string | undefined, { partition, stagingBucket }: Sandbox): string[] {
  const bucket = `arn:${partition}:s3:::${stagingBucket}`;
  const isInner = (resource: string) => resource === bucket || resource.startsWith(`${bucket}/`);
  const read = v.safeParse(policy, parsed(document));
  if (!read.success) return ['everything: its policy cannot be read'];
  return read.output.Statement.filter((statement) => statement.Effect !== 'Deny').flatMap((statement) =>
    statement.NotResource || !statement.Resource
      ? ['more than it names']
      : statement.Resource.filter((resource) => !isInner(resource)),
  );
}

function parsed(document: string | undefined): unknown {
  try {
    return JSON.parse(document ?? '');
  } catch {
    return undefined;
  }
}

function routeInWords(route: Route): string {
  const to = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;
  const {
    GatewayId,
    NatGatewayId,
    TransitGatewayId,
    VpcPeeringConnectionId,
    NetworkInterfaceId,
    InstanceId,
  } = route;
  const others = [
    NatGatewayId,
    TransitGatewayId,
    VpcPeeringConnectionId,
    NetworkInterfaceId,
    InstanceId,
    GatewayId,
  ];
  return `to ${to} by ${others.find((target) => target !== undefined) ?? 'another target'}`;
}

function ruleInWords(rule: IpPermission): string {
  const peers = [
    ...(rule.IpRanges ?? []).map((range) => range.CidrIp),
    ...(rule.Ipv6Ranges ?? []).map((range) => range.CidrIpv6),
    ...(rule.PrefixListIds ?? []).map((list) => list.PrefixListId),
    ...(rule.UserIdGroupPairs ?? []).map((pair) => pair.GroupId),
  ];
  const ports =
    rule.IpProtocol === '-1' ? 'everything' : `${rule.IpProtocol} ${rule.FromPort}-${rule.ToPort}`;
  return `${ports} (${peers.join(', ') || 'no peer'})`;
}
