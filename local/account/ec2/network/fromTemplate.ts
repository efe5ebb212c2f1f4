import type { IpPermission, Tag } from '@aws-sdk/client-ec2';
import type { Inventory } from '../inventory.ts';
import { type RouteTableItem, S3_PREFIX_LIST } from './network.ts';

/** A rule of CloudFormation's AWS::EC2::SecurityGroup. */
export interface RuleProperties {
  Description?: string;
  IpProtocol: string;
  FromPort?: number;
  ToPort?: number;
  CidrIp?: string;
  SourceSecurityGroupId?: string;
  DestinationSecurityGroupId?: string;
}

const THERE = { findableFrom: 0, listedFrom: 0 };
const EVERYWHERE: RuleProperties[] = [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }];

/**
 * Makes what CloudFormation would make of a stack's network, from the properties of its AWS::EC2::* resources with
 * references resolved; each answers with the new id.
 */
export class NetworkMaker {
  readonly #ec2: Inventory;

  constructor(ec2: Inventory) {
    this.#ec2 = ec2;
  }

  /** With its main route table and its default security group, as on AWS. */
  createVpc(properties: {
    /** Its id, where a policy names it beforehand. */
    id?: string;
    CidrBlock: string;
    EnableDnsSupport?: boolean;
    EnableDnsHostnames?: boolean;
    Tags?: Tag[];
  }): string {
    const { CidrBlock, EnableDnsSupport = true, EnableDnsHostnames = false, Tags = [] } = properties;
    const id = properties.id ?? this.#ec2.newId('vpc');
    const dns = EnableDnsSupport && EnableDnsHostnames;
    this.#ec2.vpcs.add({ id, ...THERE, dns, data: { VpcId: id, CidrBlock, State: 'available', Tags } });
    this.#associate(this.createRouteTable({ VpcId: id }), { Main: true });
    this.createSecurityGroup({
      VpcId: id,
      GroupName: 'default',
      GroupDescription: 'default VPC security group',
    });
    return id;
  }

  createSubnet(properties: { id?: string; VpcId: string; CidrBlock: string; Tags?: Tag[] }): string {
    const { VpcId, CidrBlock, Tags = [] } = properties;
    const id = properties.id ?? this.#ec2.newId('subnet');
    const AvailabilityZone = this.#ec2.zone;
    const data = { SubnetId: id, VpcId, CidrBlock, AvailabilityZone, MapPublicIpOnLaunch: false, Tags };
    this.#ec2.subnets.add({ id, ...THERE, addresses: new Map(), data: { ...data, State: 'available' } });
    return id;
  }

  /** With the local route of its VPC. */
  createRouteTable({ VpcId, Tags = [] }: { VpcId: string; Tags?: Tag[] }): string {
    const id = this.#ec2.newId('rtb');
    const DestinationCidrBlock = this.#ec2.vpcs.get(VpcId).data.CidrBlock;
    const local = { DestinationCidrBlock, GatewayId: 'local', State: 'active' as const };
    const data = { RouteTableId: id, VpcId, Associations: [], Routes: [local], Tags };
    this.#ec2.routeTables.add({ id, ...THERE, data });
    return id;
  }

  associateRouteTable({ RouteTableId, SubnetId }: { RouteTableId: string; SubnetId: string }): string {
    return this.#associate(RouteTableId, { Main: false, SubnetId });
  }

  createRoute(properties: {
    RouteTableId: string;
    DestinationCidrBlock: string;
    GatewayId?: string;
    NatGatewayId?: string;
  }): void {
    const { RouteTableId, ...route } = properties;
    this.#table(RouteTableId).data.Routes.push({ ...route, State: 'active' });
  }

  /** The VPC and the zone of a subnet. */
  place(subnetId: string): { vpcId: string; zone: string } {
    const { VpcId = '', AvailabilityZone = '' } = this.#ec2.subnets.get(subnetId).data;
    return { vpcId: VpcId, zone: AvailabilityZone };
  }

  /** Without egress rules it lets everything out. */
  createSecurityGroup(properties: {
    VpcId: string;
    GroupDescription: string;
    GroupName?: string;
    SecurityGroupIngress?: RuleProperties[];
    SecurityGroupEgress?: RuleProperties[];
    Tags?: Tag[];
  }): string {
    const id = this.#ec2.newId('sg');
    const { VpcId, SecurityGroupIngress = [], SecurityGroupEgress = [], Tags = [] } = properties;
    const egress = SecurityGroupEgress.length > 0 ? SecurityGroupEgress : EVERYWHERE;
    this.#ec2.groups.add({
      id,
      ...THERE,
      data: {
        GroupId: id,
        GroupName: properties.GroupName ?? `group-${id}`,
        Description: properties.GroupDescription,
        VpcId,
        OwnerId: this.#ec2.account.id,
        IpPermissions: SecurityGroupIngress.map(permissionOf),
        IpPermissionsEgress: egress.map(permissionOf),
        Tags,
      },
    });
    return id;
  }

  /** The gateway endpoint of S3, with its routes. */
  createGatewayEndpoint(properties: {
    VpcId: string;
    ServiceName: string;
    RouteTableIds: string[];
    PolicyDocument?: unknown;
  }): string {
    const id = this.#ec2.newId('vpce');
    const { VpcId, ServiceName, RouteTableIds, PolicyDocument = {} } = properties;
    const CreationTimestamp = new Date(this.#ec2.now);
    this.#ec2.endpoints.add({
      id,
      ...THERE,
      addresses: [],
      data: {
        VpcEndpointId: id,
        VpcEndpointType: 'Gateway',
        VpcId,
        ServiceName,
        State: 'available',
        PolicyDocument: JSON.stringify(PolicyDocument),
        RouteTableIds,
        PrivateDnsEnabled: false,
        CreationTimestamp,
        Tags: [],
      },
    });
    const route = { DestinationPrefixListId: S3_PREFIX_LIST, GatewayId: id, State: 'active' as const };
    for (const table of RouteTableIds) this.#table(table).data.Routes.push({ ...route });
    return id;
  }

  #table(id: string): RouteTableItem {
    return this.#ec2.routeTables.get(id);
  }

  #associate(RouteTableId: string, to: { Main: boolean; SubnetId?: string }): string {
    const RouteTableAssociationId = this.#ec2.newId('rtbassoc');
    this.#table(RouteTableId).data.Associations.push({ RouteTableAssociationId, RouteTableId, ...to });
    return RouteTableAssociationId;
  }
}

/** A rule as CloudFormation writes it, as the API shows it. */
function permissionOf({
  IpProtocol,
  FromPort,
  ToPort,
  Description,
  CidrIp,
  ...groups
}: RuleProperties): IpPermission {
  const GroupId = groups.SourceSecurityGroupId ?? groups.DestinationSecurityGroupId;
  return {
    IpProtocol,
    FromPort,
    ToPort,
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp, Description }],
    UserIdGroupPairs: GroupId === undefined ? [] : [{ GroupId, Description }],
    PrefixListIds: [],
  };
}
