import { describe, expect, test } from '@jest/globals';
import { leaksOf, type Network } from '../../shared/isolation.ts';

const role = 'arn:aws:iam::123456789012:role/sandbox';
const sandbox = {
  vpcId: 'vpc-1',
  region: 'eu-west-1',
  partition: 'aws',
  stagingBucket: 'staging',
  instanceRoleArn: role,
};
const port = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
const local = { DestinationCidrBlock: '10.0.0.0/24', GatewayId: 'local', State: 'active' as const };
const toS3 = { DestinationPrefixListId: 'pl-s3', GatewayId: 'vpce-s3', State: 'active' as const };
const table = {
  RouteTableId: 'rtb-1',
  VpcId: 'vpc-1',
  Associations: [{ SubnetId: 'subnet-1' }],
  Routes: [local, toS3],
};
const subnet = { SubnetId: 'subnet-1', VpcId: 'vpc-1', MapPublicIpOnLaunch: false };
const toEndpoints = { ...port, UserIdGroupPairs: [{ GroupId: 'sg-endpoints' }] };
const toList = { ...port, PrefixListIds: [{ PrefixListId: 'pl-s3' }] };
const group = {
  GroupId: 'sg-1',
  VpcId: 'vpc-1',
  IpPermissions: [],
  IpPermissionsEgress: [toEndpoints, toList],
};
const policy = (Resource: string | string[], more: object = {}) =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource, ...more }],
  });
const gateway = {
  VpcEndpointId: 'vpce-s3',
  VpcEndpointType: 'Gateway' as const,
  ServiceName: 'com.amazonaws.eu-west-1.s3',
  PolicyDocument: policy('arn:aws:s3:::staging/*'),
};
/** A policy of an endpoint of Systems Manager, of one statement. */
const passes = (more: object) =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...more }],
  });
const agent = {
  VpcEndpointId: 'vpce-ssm',
  PolicyDocument: passes({ Condition: { StringEquals: { 'aws:PrincipalArn': role } } }),
  VpcEndpointType: 'Interface' as const,
  ServiceName: 'com.amazonaws.eu-west-1.ssm',
  Groups: [{ GroupId: 'sg-endpoints' }],
};
const network: Network = {
  subnet,
  routeTables: [table],
  instanceGroup: group,
  endpointGroup: { GroupId: 'sg-endpoints', VpcId: 'vpc-1' },
  endpoints: [gateway, agent],
  s3PrefixList: 'pl-s3',
};

const leaks = (change: Partial<Network>) => leaksOf({ ...network, ...change }, sandbox).leaks;
const route = (more: object) => ({
  routeTables: [{ ...table, Routes: [local, { State: 'active' as const, ...more }] }],
});
const egress = (...rules: object[]) => ({ instanceGroup: { ...group, IpPermissionsEgress: rules } });
const everywhere = { DestinationCidrBlock: '0.0.0.0/0' };

describe('leaksOf', () => {
  test('finds none in a sandbox as it should be, and says how much it looked at', () => {
    expect(leaksOf(network, sandbox)).toEqual({ looked: 7, leaks: [] });
  });

  test('lets a sandbox be that has no way out at all', () => {
    expect(
      leaks({ routeTables: [{ ...table, Routes: [local] }], endpoints: [], ...egress(toEndpoints) }),
    ).toEqual([]);
  });

  test.each<[string, Partial<Network>, RegExp]>([
    [
      'an internet gateway',
      route({ ...everywhere, GatewayId: 'igw-1' }),
      /rtb-1 has a route to 0\.0\.0\.0\/0 by igw-1/,
    ],
    ['a NAT gateway', route({ ...everywhere, NatGatewayId: 'nat-1' }), /by nat-1/],
    [
      'a transit gateway',
      route({ DestinationCidrBlock: '10.1.0.0/16', TransitGatewayId: 'tgw-1' }),
      /by tgw-1/,
    ],
    [
      'a peering',
      route({ DestinationCidrBlock: '10.1.0.0/16', VpcPeeringConnectionId: 'pcx-1' }),
      /by pcx-1/,
    ],
    ['an instance', route({ ...everywhere, InstanceId: 'i-1', NetworkInterfaceId: 'eni-1' }), /by eni-1/],
    [
      'an IPv6 way out',
      route({ DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' }),
      /::\/0/,
    ],
    ['a local gateway', route({ ...everywhere, LocalGatewayId: 'lgw-1' }), /by another target/],
    [
      'another prefix list',
      route({ DestinationPrefixListId: 'pl-dynamodb', GatewayId: 'vpce-2' }),
      /pl-dynamodb/,
    ],
    [
      'a prefix list by another gateway',
      route({ DestinationPrefixListId: 'pl-s3', GatewayId: 'igw-1' }),
      /igw-1/,
    ],
    [
      'routes that a VPN brings',
      { routeTables: [{ ...table, PropagatingVgws: [{ GatewayId: 'vgw-1' }] }] },
      /takes routes of vgw-1/,
    ],
    ['no route table', { routeTables: [] }, /subnet-1 has no route table/],
    [
      'a main route table that leads out, where the subnet has none of its own',
      {
        routeTables: [
          {
            RouteTableId: 'rtb-main',
            VpcId: 'vpc-1',
            Associations: [{ Main: true }],
            Routes: [local, { ...everywhere, GatewayId: 'igw-1' }],
          },
        ],
      },
      /rtb-main has a route/,
    ],
    ['public addresses', { subnet: { ...subnet, MapPublicIpOnLaunch: true } }, /gives public addresses/],
    ['IPv6 addresses', { subnet: { ...subnet, AssignIpv6AddressOnCreation: true } }, /IPv6/],
    ['a subnet of another VPC', { subnet: { ...subnet, VpcId: 'vpc-2' } }, /is in vpc-2/],
    ['a group of another VPC', { instanceGroup: { ...group, VpcId: 'vpc-2' } }, /sg-1 is in vpc-2/],
    [
      'egress to everything',
      egress({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
      /lets out everything/,
    ],
    ['egress to an address', egress({ ...port, IpRanges: [{ CidrIp: '10.0.0.9/32' }] }), /10\.0\.0\.9\/32/],
    ['egress to IPv6', egress({ ...port, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }), /::\/0/],
    ['egress to another group', egress({ ...port, UserIdGroupPairs: [{ GroupId: 'sg-db' }] }), /sg-db/],
    ['egress to another list', egress({ ...port, PrefixListIds: [{ PrefixListId: 'pl-x' }] }), /pl-x/],
    ['egress on another port', egress({ ...toEndpoints, ToPort: 65535 }), /tcp 443-65535/],
    ['egress to nobody in particular', egress(port), /no peer/],
    [
      'anything that lets in',
      { instanceGroup: { ...group, IpPermissions: [{ ...port, IpRanges: [{ CidrIp: '10.0.0.0/24' }] }] } },
      /lets in tcp/,
    ],
    [
      "an endpoint of another service behind the endpoints' group",
      { endpoints: [gateway, { ...agent, ServiceName: 'com.amazonaws.vpce.eu-west-1.vpce-svc-1' }] },
      /leads to com\.amazonaws\.vpce/,
    ],
    [
      'S3 without limits',
      { endpoints: [{ ...gateway, PolicyDocument: policy('*') }] },
      /requests pass to \*/,
    ],
    [
      'S3 with another bucket',
      {
        endpoints: [
          { ...gateway, PolicyDocument: policy(['arn:aws:s3:::staging/*', 'arn:aws:s3:::staging-2/*']) },
        ],
      },
      /staging-2/,
    ],
    [
      'S3 with all but one bucket',
      { endpoints: [{ ...gateway, PolicyDocument: policy('arn:aws:s3:::staging/*', { NotResource: 'x' }) }] },
      /more than it names/,
    ],
    [
      'S3 with a policy that cannot be read',
      { endpoints: [{ ...gateway, PolicyDocument: '{' }] },
      /cannot be read/,
    ],
    ['no subnet', { subnet: undefined }, /subnet is not there/],
    ['no security group', { instanceGroup: undefined }, /security group is not there/],
    ['no prefix list', { s3PrefixList: undefined }, /prefix list of S3 is not there/],
  ])('finds %s', (_, change, words) => {
    expect(leaks(change).join('; ')).toMatch(words);
  });

  test.each<[string, string | undefined]>([
    ['no policy', undefined],
    ['a policy that cannot be read', '{'],
    ['full access', passes({})],
    [
      'any role of the account',
      passes({ Condition: { StringEquals: { 'aws:PrincipalAccount': '123456789012' } } }),
    ],
    ['another role', passes({ Condition: { StringEquals: { 'aws:PrincipalArn': `${role}-2` } } })],
    ['one role more', passes({ Condition: { StringEquals: { 'aws:PrincipalArn': [role, `${role}-2`] } } })],
    ['a pattern', passes({ Condition: { StringLike: { 'aws:PrincipalArn': role } } })],
    ['callers without a name', passes({ Condition: { StringEqualsIfExists: { 'aws:PrincipalArn': role } } })],
    ['everybody but the role', passes({ Condition: { StringNotEquals: { 'aws:PrincipalArn': role } } })],
    ['the whole account', passes({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } })],
    [
      'a second statement',
      JSON.stringify({
        Statement: [...JSON.parse(agent.PolicyDocument).Statement, ...JSON.parse(passes({})).Statement],
      }),
    ],
  ])('finds an endpoint of Systems Manager that others pass: %s', (_, PolicyDocument) => {
    const found = leaks({ endpoints: [gateway, { ...agent, PolicyDocument }] });
    expect(found).toEqual([`vpce-ssm lets others pass to com.amazonaws.eu-west-1.ssm than ${role}`]);
  });

  test.each([
    [
      'a role named by ArnEquals, in any spelling of the key',
      passes({ Condition: { ArnEquals: { 'AWS:principalarn': [role] } } }),
    ],
    ['a role named as the principal', passes({ Principal: { AWS: role } })],
    [
      'whatever is denied besides',
      JSON.stringify({
        Statement: [
          ...JSON.parse(agent.PolicyDocument).Statement,
          { Effect: 'Deny', Principal: '*', Action: 'ssm:SendCommand', Resource: '*' },
        ],
      }),
    ],
  ])('lets be %s', (_, PolicyDocument) => {
    expect(leaks({ endpoints: [gateway, { ...agent, PolicyDocument }] })).toEqual([]);
  });

  test('an endpoint that the copy cannot reach is none of its business', () => {
    const apart = { ...agent, ServiceName: 'com.amazonaws.eu-west-1.kms', Groups: [{ GroupId: 'sg-other' }] };
    expect(leaks({ endpoints: [gateway, agent, apart] })).toEqual([]);
  });
});
