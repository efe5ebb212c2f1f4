import type { RouteTable, Subnet } from '@aws-sdk/client-ec2';

/**
 * Why a worker in a subnet could not fetch its packages, or undefined when it can: its route table needs a default route
 * through a NAT gateway or the like, or an internet gateway in a subnet that gives public addresses.
 */
export function packageFault(subnet: Subnet, tables: readonly RouteTable[]): string | undefined {
  const own = tables.find(({ Associations = [] }) =>
    Associations.some((one) => one.SubnetId === subnet.SubnetId),
  );
  const main = tables.find(
    ({ VpcId, Associations = [] }) => VpcId === subnet.VpcId && Associations.some((one) => one.Main),
  );
  const route = ((own ?? main)?.Routes ?? []).find(
    (one) => one.DestinationCidrBlock === '0.0.0.0/0' && one.State !== 'blackhole',
  );
  if (!route) return `${subnet.SubnetId} has no route to the packages`;
  if (!route.GatewayId?.startsWith('igw-') || subnet.MapPublicIpOnLaunch) return undefined;
  return `${subnet.SubnetId} leads to an internet gateway, but gives no public addresses`;
}
