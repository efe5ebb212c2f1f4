import type { IpPermission } from '@aws-sdk/client-ec2';
import type { InstanceItem } from '../instances/instance.ts';
import type { Inventory } from '../inventory.ts';
import { contains } from './cidr.ts';
import { letsPass } from './endpointPolicy.ts';
import { type EndpointItem, routeTableOf, S3_PREFIX_LIST } from './network.ts';

const HTTPS = 443;
/** The agent needs both. */
const AGENT_SERVICES = ['ssm', 'ssmmessages'];
const ANYWHERE = '0.0.0.0/0';

/** Who stands at the other end of a connection, as the rules of security groups may name it. */
interface Peer {
  addresses?: string[];
  groupIds?: string[];
  prefixListId?: string;
}

/** Whether an instance has a way, by routes, endpoints and security groups, to a service on port 443. */
export function reaches(ec2: Inventory, instance: InstanceItem, service: 'ssm' | 's3'): boolean {
  const subnet = ec2.subnets.peek(instance.data.SubnetId);
  if (!subnet) return false;
  const routes = routeTableOf(ec2, subnet.data)?.data.Routes ?? [];
  const rules = groupIds(instance.data.SecurityGroups).flatMap(
    (id) => ec2.groups.peek(id)?.data.IpPermissionsEgress ?? [],
  );
  const egress = (peer: Peer) => lets(rules, peer);
  const isOpen = routes.some(
    (route) =>
      route.DestinationCidrBlock === ANYWHERE &&
      (route.GatewayId?.startsWith('igw-') || route.NatGatewayId !== undefined),
  );
  if (isOpen && egress({})) return true;
  if (service === 's3') {
    const prefixListId = S3_PREFIX_LIST;
    return routes.some((route) => route.DestinationPrefixListId === prefixListId) && egress({ prefixListId });
  }
  const endpoints = ec2.endpoints.all().filter((endpoint) => answers(ec2, endpoint, instance));
  return AGENT_SERVICES.every((name) =>
    endpoints.some(
      (endpoint) =>
        endpoint.data.ServiceName === `com.amazonaws.${ec2.region}.${name}` &&
        letsPass(ec2, endpoint, instance) &&
        egress({ addresses: endpoint.addresses, groupIds: groupIds(endpoint.data.Groups) }),
    ),
  );
}

/** Whether the role of an instance lets its agent register with Systems Manager. */
export function mayReport(ec2: Inventory, instance: InstanceItem): boolean {
  const { partition, id, iam } = ec2.account;
  const role = instance.roleName;
  if (role === undefined) return false;
  const principal = { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/${instance.id}`, role };
  const resource = ec2.arn('instance', instance.id);
  return iam.allows(principal, { action: 'ssm:UpdateInstanceInformation', resource });
}

/** An endpoint that the instance finds under the service's own name and that lets it in. */
function answers(ec2: Inventory, { data }: EndpointItem, instance: InstanceItem): boolean {
  if (data.State !== 'available' || !data.PrivateDnsEnabled || data.VpcId !== instance.data.VpcId)
    return false;
  const ingress = groupIds(data.Groups).flatMap((id) => ec2.groups.peek(id)?.data.IpPermissions ?? []);
  const address = instance.data.PrivateIpAddress;
  return lets(ingress, {
    groupIds: groupIds(instance.data.SecurityGroups),
    ...(address !== undefined && { addresses: [address] }),
  });
}

function groupIds(groups: readonly { GroupId?: string | undefined }[] | undefined): string[] {
  return (groups ?? []).flatMap((group) => group.GroupId ?? []);
}

/** Whether some rule lets TCP 443 pass; a peer without a name is the internet. */
function lets(permissions: readonly IpPermission[], peer: Peer): boolean {
  return permissions.filter(coversHttps).some((permission) => {
    const { IpRanges = [], UserIdGroupPairs = [], PrefixListIds = [] } = permission;
    return (
      IpRanges.some(
        ({ CidrIp = '' }) =>
          CidrIp === ANYWHERE || (peer.addresses ?? []).some((address) => contains(CidrIp, address)),
      ) ||
      UserIdGroupPairs.some((pair) => peer.groupIds?.includes(pair.GroupId ?? '')) ||
      PrefixListIds.some((list) => list.PrefixListId !== undefined && list.PrefixListId === peer.prefixListId)
    );
  });
}

function coversHttps({ IpProtocol, FromPort = 0, ToPort = 65_535 }: IpPermission): boolean {
  return (
    IpProtocol === '-1' || (['tcp', '6'].includes(IpProtocol ?? '') && FromPort <= HTTPS && HTTPS <= ToPort)
  );
}
