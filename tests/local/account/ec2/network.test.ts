import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

const state = async (region: Region, id: string) =>
  (await region.call('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).VpcEndpoints[0].State;

const toS3 = [
  { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-6da54004' }] },
];

describe('interface endpoints', () => {
  test('pending, available after 60-120 s; deleting, gone after 30-60 s; each begun hour is billed', async () => {
    const region = new Region();
    const [id = ''] = await region.createEndpoints();
    expect(await state(region, id)).toBe('pending');
    const made = await region.until(`${id}:available`);
    expect(made).toBeGreaterThanOrEqual(60);
    expect(made).toBeLessThanOrEqual(120);
    expect(await state(region, id)).toBe('available');
    await region.pass(3600);
    const { Unsuccessful } = await region.call('DeleteVpcEndpoints', {
      VpcEndpointIds: [id, 'vpce-01234567'],
    });
    expect(Unsuccessful).toMatchObject([
      { ResourceId: 'vpce-01234567', Error: { Code: 'InvalidVpcEndpointId.NotFound' } },
    ]);
    expect(await state(region, id)).toBe('deleting');
    const gone = await region.until(`${id}:deleted`);
    expect(gone).toBeGreaterThanOrEqual(30);
    expect(gone).toBeLessThanOrEqual(60);
    expect(await region.codeOf('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).toBe(
      'InvalidVpcEndpointId.NotFound',
    );
    expect(region.account.meter.units.get('vpce:hour')).toBe(2);
  });

  test('the same client token gives the same endpoint; a second one of the same name is refused until it is gone', async () => {
    const region = new Region();
    const request = region.endpointRequest('ssm', { ClientToken: 'run-1' });
    const id = (await region.call('CreateVpcEndpoint', request)).VpcEndpoint.VpcEndpointId;
    expect((await region.call('CreateVpcEndpoint', request)).VpcEndpoint.VpcEndpointId).toBe(id);
    const other = region.endpointRequest('ssm', { ClientToken: 'run-2' });
    expect(await region.codeOf('CreateVpcEndpoint', { ...other, ClientToken: 'run-1', SubnetIds: [] })).toBe(
      'IdempotentParameterMismatch',
    );
    expect(await region.codeOf('CreateVpcEndpoint', other)).toBe('InvalidParameter');
    await region.call('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
    expect(await region.codeOf('CreateVpcEndpoint', other)).toBe('InvalidParameter');
    await region.until(`${id}:deleted`);
    expect(await region.codeOf('CreateVpcEndpoint', other)).toBe('none');
  });

  test.each([
    ['InvalidServiceName', { ServiceName: 'com.amazonaws.eu-west-1.smm' }],
    ['InvalidParameter', { VpcEndpointType: 'Gateway' }],
    ['InvalidParameter', { PolicyDocument: '{' }],
    ['InvalidVpcID.NotFound', { VpcId: 'vpc-01234567' }],
    ['InvalidSubnetID.NotFound', { SubnetIds: ['subnet-01234567'] }],
    ['InvalidGroup.NotFound', { SecurityGroupIds: ['sg-01234567'] }],
  ])('%s for %j', async (code, wrong) => {
    const region = new Region();
    expect(await region.codeOf('CreateVpcEndpoint', region.endpointRequest('ssm', wrong))).toBe(code);
    const interfaces = { Filters: [{ Name: 'vpc-endpoint-type', Values: ['Interface'] }] };
    expect((await region.call('DescribeVpcEndpoints', interfaces)).VpcEndpoints).toEqual([]);
  });

  test('private names need DNS in the VPC', async () => {
    const region = new Region();
    const VpcId = region.ec2.network.createVpc({ CidrBlock: '10.1.0.0/24' });
    const SubnetIds = [region.ec2.network.createSubnet({ VpcId, CidrBlock: '10.1.0.0/24' })];
    const request = region.endpointRequest('ssm', { VpcId, SubnetIds });
    await expect(region.call('CreateVpcEndpoint', request)).rejects.toThrow('enableDnsHostnames');
  });
});

describe('the agent', () => {
  test('is online 20-40 s after running, when the endpoints are there', async () => {
    const region = new Region();
    await region.createEndpoints();
    await region.pass(120);
    const id = await region.running();
    expect(region.ec2.agentOnline(id)).toBe(false);
    const seconds = await region.until(`${id}:online`);
    expect(seconds).toBeGreaterThanOrEqual(19); // a second passes between looks
    expect(seconds).toBeLessThanOrEqual(40);
    expect([...region.ec2.onlineInstances()]).toEqual([id]);
    await region.call('StopInstances', { InstanceIds: [id] });
    expect(region.ec2.agentOnline(id)).toBe(false);
  });

  test('comes online when the last endpoint does, and is lost with the first one', async () => {
    const region = new Region();
    const id = await region.running();
    await region.pass(300);
    expect(region.ec2.agentOnline(id)).toBe(false);
    const endpoints = await region.createEndpoints();
    await region.until(`${id}:online`);
    for (const endpoint of endpoints)
      expect(region.account.timeline.at(`${endpoint}:available`)).toBeLessThan(region.clock.now());
    await region.call('DeleteVpcEndpoints', { VpcEndpointIds: [endpoints[1]] });
    expect(region.ec2.agentOnline(id)).toBe(false);
  });

  test('stays away without a profile, or when its role may not report', async () => {
    const region = new Region();
    await region.createEndpoints();
    const bare = await region.running({ IamInstanceProfile: undefined });
    await region.pass(300);
    expect(region.ec2.agentOnline(bare)).toBe(false);
    region.iam.forbidden.add('ssm:UpdateInstanceInformation');
    const id = await region.running();
    await region.pass(300);
    expect([...region.ec2.onlineInstances()]).toEqual([]);
    expect(region.iam.asked).toContainEqual({
      action: 'ssm:UpdateInstanceInformation',
      resource: `arn:aws:ec2:eu-west-1:123456789012:instance/${id}`,
    });
  });

  test.each([
    ['without private names', { PrivateDnsEnabled: false }],
    ['behind a group that lets nobody in', { SecurityGroupIds: [] }],
    [
      'whose policy lets another role pass only',
      {
        PolicyDocument: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: '*',
              Action: '*',
              Resource: '*',
              Condition: { StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/other' } },
            },
          ],
        }),
      },
    ],
  ])('does not reach endpoints %s', async (_, wrong) => {
    const region = new Region();
    for (const service of ['ssm', 'ssmmessages'])
      await region.call('CreateVpcEndpoint', region.endpointRequest(service, wrong));
    const id = await region.running();
    await region.pass(300);
    expect(region.ec2.agentOnline(id)).toBe(false);
  });

  test('does not get out of a group without egress to the endpoints', async () => {
    const region = new Region();
    await region.createEndpoints();
    const closed = region.ec2.network.createSecurityGroup({
      GroupDescription: 'closed',
      VpcId: region.vpcId,
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
    });
    const id = await region.running({ SecurityGroupIds: [closed] });
    await region.pass(300);
    expect(region.ec2.agentOnline(id)).toBe(false);
    const UserIdGroupPairs = [{ GroupId: region.endpointGroup }];
    const rule = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs };
    await region.call('AuthorizeSecurityGroupEgress', { GroupId: closed, IpPermissions: [rule] });
    await region.pass(41);
    expect(region.ec2.agentOnline(id)).toBe(true);
  });
});

describe('the way to S3', () => {
  test('needs a rule to its prefix list, which can be added once', async () => {
    const region = new Region();
    const id = await region.running();
    expect(region.ec2.canReachS3(id)).toBe(false);
    const names = { Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.eu-west-1.s3'] }] };
    const { PrefixLists } = await region.call('DescribePrefixLists', names);
    expect(PrefixLists[0].PrefixListId).toBe('pl-6da54004');
    const request = { GroupId: region.instanceGroup, IpPermissions: toS3 };
    await region.call('AuthorizeSecurityGroupEgress', request);
    expect(region.ec2.canReachS3(id)).toBe(true);
    expect(await region.codeOf('AuthorizeSecurityGroupEgress', request)).toBe('InvalidPermission.Duplicate');
    const { SecurityGroups } = await region.call('DescribeSecurityGroups', {
      GroupIds: [region.instanceGroup],
    });
    expect(SecurityGroups[0].IpPermissionsEgress).toHaveLength(2);
  });

  test('needs a route', async () => {
    const region = new Region();
    const SubnetId = region.ec2.network.createSubnet({ VpcId: region.vpcId, CidrBlock: '10.255.255.0/28' });
    await region.call('AuthorizeSecurityGroupEgress', { GroupId: region.instanceGroup, IpPermissions: toS3 });
    const id = await region.running({ SubnetId });
    expect(region.ec2.canReachS3(id)).toBe(false); // the main route table has none
  });

  test('is open through an internet gateway, when the group lets everything out', async () => {
    const region = new Region();
    const open = region.ec2.network.createSecurityGroup({ GroupDescription: 'open', VpcId: region.vpcId });
    region.ec2.network.createRoute({
      RouteTableId: region.routeTableId,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: 'igw-01234567',
    });
    const [inside, outside] = [await region.running(), await region.running({ SecurityGroupIds: [open] })];
    expect([region.ec2.canReachS3(inside), region.ec2.canReachS3(outside)]).toEqual([false, true]);
    await region.until(`${outside}:online`);
  });
});

describe('what the gate reads', () => {
  test('the route tables of a subnet, with the local and the S3 route', async () => {
    const region = new Region();
    const bySubnet = { Filters: [{ Name: 'association.subnet-id', Values: [region.subnetId] }] };
    const { RouteTables } = await region.call('DescribeRouteTables', bySubnet);
    expect(RouteTables).toHaveLength(1);
    expect(RouteTables[0].Routes).toMatchObject([
      { DestinationCidrBlock: '10.255.255.0/24', GatewayId: 'local', State: 'active' },
      { DestinationPrefixListId: 'pl-6da54004', GatewayId: expect.stringMatching(/^vpce-/) },
    ]);
    const main = { Filters: [{ Name: 'association.main', Values: ['true'] }] };
    expect((await region.call('DescribeRouteTables', main)).RouteTables).toHaveLength(1);
  });

  test('subnets and groups', async () => {
    const region = new Region();
    const { Subnets } = await region.call('DescribeSubnets', { SubnetIds: [region.subnetId] });
    expect(Subnets).toMatchObject([
      { VpcId: region.vpcId, MapPublicIpOnLaunch: false, AvailabilityZone: 'eu-west-1a' },
    ]);
    const inVpc = { Filters: [{ Name: 'vpc-id', Values: [region.vpcId] }] };
    const { SecurityGroups } = await region.call('DescribeSecurityGroups', inVpc);
    expect(SecurityGroups.map((one: { Description: string }) => one.Description)).toEqual([
      'default VPC security group',
      'endpoints',
      'instances',
    ]);
    expect(SecurityGroups[2].IpPermissionsEgress).toMatchObject([
      {
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
        UserIdGroupPairs: [{ GroupId: region.endpointGroup }],
      },
    ]);
  });
});
