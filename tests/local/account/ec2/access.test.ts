import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

const ARN = 'arn:aws:ec2:eu-west-1';
const MINE = `${ARN}:123456789012`;
const tagged = (...types: string[]) =>
  types.map((ResourceType) => ({ ResourceType, Tags: [{ Key: 'run', Value: '1' }] }));
const requested = { 'aws:RequestTag/run': '1', 'aws:TagKeys': ['run'] };

/** What a call asked IAM, as `action resource`. */
async function asked(region: Region, operation: string, input: object): Promise<string[]> {
  region.iam.asked.length = 0;
  await region.call(operation, input);
  return region.iam.asked
    .filter((one) => !one.action.startsWith('kms:'))
    .map((one) => `${one.action} ${one.resource}`);
}

function contextOf(region: Region, resource: string, action?: string) {
  return region.iam.asked.find((one) => one.resource === resource && (!action || one.action === action))
    ?.context;
}

describe('what IAM is asked', () => {
  test('RunInstances', async () => {
    const region = new Region();
    const request = region.launchRequest({
      MetadataOptions: { HttpTokens: 'required' },
      TagSpecifications: tagged('instance', 'volume'),
    });
    expect(await asked(region, 'RunInstances', request)).toEqual([
      `ec2:RunInstances ${ARN}::image/${region.image}`,
      `ec2:RunInstances ${MINE}:instance/*`,
      `ec2:RunInstances ${MINE}:volume/*`,
      `ec2:RunInstances ${MINE}:volume/*`,
      `ec2:RunInstances ${MINE}:volume/*`,
      `ec2:RunInstances ${MINE}:network-interface/*`,
      `ec2:RunInstances ${MINE}:subnet/${region.subnetId}`,
      `ec2:RunInstances ${MINE}:security-group/${region.instanceGroup}`,
      'iam:PassRole arn:aws:iam::123456789012:role/sandbox-role',
      `ec2:CreateTags ${MINE}:instance/*`,
      `ec2:CreateTags ${MINE}:volume/*`,
    ]);
    expect(contextOf(region, `${MINE}:instance/*`)).toMatchObject({
      ...requested,
      'ec2:InstanceType': 't4g.small',
      'ec2:MetadataHttpTokens': 'required',
      'ec2:InstanceProfile': 'arn:aws:iam::123456789012:instance-profile/sandbox',
    });
    expect(contextOf(region, `${MINE}:volume/*`)).toMatchObject({ ...requested, 'ec2:Encrypted': 'true' });
    expect(contextOf(region, `${MINE}:network-interface/*`)).toMatchObject({
      'ec2:Subnet': `${MINE}:subnet/${region.subnetId}`,
      'ec2:Vpc': `${MINE}:vpc/${region.vpcId}`,
    });
    expect(contextOf(region, `${ARN}::image/${region.image}`)).toMatchObject({
      'ec2:Owner': 'amazon',
      'ec2:Public': 'true',
    });
    expect(contextOf(region, `${MINE}:instance/*`, 'ec2:CreateTags')).toEqual({
      ...requested,
      'ec2:CreateAction': 'RunInstances',
    });
    expect(contextOf(region, 'arn:aws:iam::123456789012:role/sandbox-role')).toEqual({
      'iam:PassedToService': 'ec2.amazonaws.com',
    });
  });

  test('CreateImage, and what then is done with the image', async () => {
    const region = new Region();
    const InstanceId = await region.running({ TagSpecifications: tagged('instance') });
    const input = { InstanceId, Name: 'copy', TagSpecifications: tagged('image', 'snapshot') };
    expect(await asked(region, 'CreateImage', input)).toEqual([
      `ec2:CreateImage ${ARN}::image/*`,
      `ec2:CreateImage ${MINE}:instance/${InstanceId}`,
      `ec2:CreateImage ${ARN}::snapshot/*`,
      `ec2:CreateTags ${ARN}::image/*`,
      `ec2:CreateTags ${ARN}::snapshot/*`,
    ]);
    expect(contextOf(region, `${MINE}:instance/${InstanceId}`)).toMatchObject({
      'aws:ResourceTag/run': '1',
      'ec2:ResourceTag/run': '1',
    });
    expect(contextOf(region, `${ARN}::snapshot/*`, 'ec2:CreateTags')).toEqual({
      ...requested,
      'ec2:CreateAction': 'CreateImage',
    });
    const { Images } = await region.call('DescribeImages', { Owners: ['self'] });
    const { ImageId } = Images[0];
    await region.until(`${ImageId}:available`);
    const Tags = [{ Key: 'status', Value: 'verified' }];
    expect(await asked(region, 'CreateTags', { Resources: [ImageId], Tags })).toEqual([
      `ec2:CreateTags ${ARN}::image/${ImageId}`,
    ]);
    expect(contextOf(region, `${ARN}::image/${ImageId}`)).toMatchObject({
      'aws:ResourceTag/run': '1',
      'aws:RequestTag/status': 'verified',
      'aws:TagKeys': ['status'],
      'ec2:Owner': '123456789012',
    });
    expect(contextOf(region, `${ARN}::image/${ImageId}`)).not.toHaveProperty('ec2:CreateAction');
    const questions = await asked(region, 'DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true });
    expect(questions).toHaveLength(4);
    expect(questions[0]).toBe(`ec2:DeregisterImage ${ARN}::image/${ImageId}`);
    expect(questions[1]).toMatch(/^ec2:DeleteSnapshot arn:aws:ec2:eu-west-1::snapshot\/snap-/);
  });

  test('a snapshot that the request itself names is asked about', async () => {
    const region = new Region();
    const InstanceId = await region.running();
    const { ImageId } = await region.call('CreateImage', { InstanceId, Name: 'copy' });
    await region.until(`${ImageId}:available`);
    const { Snapshots } = await region.call('DescribeSnapshots');
    const { SnapshotId } = Snapshots[1];
    const BlockDeviceMappings = [{ DeviceName: '/dev/sdh', Ebs: { SnapshotId } }];
    const questions = await asked(region, 'RunInstances', region.launchRequest({ BlockDeviceMappings }));
    expect(questions).toContain(`ec2:RunInstances ${ARN}::snapshot/${SnapshotId}`);
    const fromImage = await asked(
      region,
      'RunInstances',
      region.launchRequest({ ImageId, BlockDeviceMappings: [] }),
    );
    expect(fromImage.filter((one) => one.includes('snapshot'))).toEqual([]);
  });

  test.each(['StopInstances', 'StartInstances', 'TerminateInstances'])(
    '%s, by the tags it has',
    async (operation) => {
      const region = new Region();
      const id = await region.running({ TagSpecifications: tagged('instance') });
      region.ec2.tagAsAws(id, 'aws:autoscaling:groupName', 'web');
      expect(await asked(region, operation, { InstanceIds: [id] })).toEqual([
        `ec2:${operation} ${MINE}:instance/${id}`,
      ]);
      expect(contextOf(region, `${MINE}:instance/${id}`)).toMatchObject({
        'aws:ResourceTag/run': '1',
        'aws:ResourceTag/aws:autoscaling:groupName': 'web',
      });
    },
  );

  test('endpoints, their removal, and rules', async () => {
    const region = new Region();
    const request = region.endpointRequest('ssm', { TagSpecifications: tagged('vpc-endpoint') });
    expect(await asked(region, 'CreateVpcEndpoint', request)).toEqual([
      `ec2:CreateVpcEndpoint ${MINE}:vpc/${region.vpcId}`,
      `ec2:CreateVpcEndpoint ${MINE}:vpc-endpoint/*`,
      `ec2:CreateVpcEndpoint ${MINE}:subnet/${region.subnetId}`,
      `ec2:CreateVpcEndpoint ${MINE}:security-group/${region.endpointGroup}`,
      `ec2:CreateTags ${MINE}:vpc-endpoint/*`,
      'route53:AssociateVPCWithHostedZone arn:aws:route53:::hostedzone/*',
    ]);
    expect(contextOf(region, `${MINE}:vpc-endpoint/*`)).toMatchObject({
      ...requested,
      'ec2:VpceServiceName': 'com.amazonaws.eu-west-1.ssm',
    });
    const { VpcEndpoints } = await region.call('DescribeVpcEndpoints', {
      Filters: [{ Name: 'service-name', Values: ['*.ssm'] }],
    });
    const id = VpcEndpoints[0].VpcEndpointId;
    expect(await asked(region, 'DeleteVpcEndpoints', { VpcEndpointIds: [id] })).toEqual([
      `ec2:DeleteVpcEndpoints ${MINE}:vpc-endpoint/${id}`,
    ]);
    expect(contextOf(region, `${MINE}:vpc-endpoint/${id}`)).toMatchObject({ 'aws:ResourceTag/run': '1' });
    const rule = { GroupId: region.instanceGroup, IpPermissions: [] };
    expect(await asked(region, 'AuthorizeSecurityGroupEgress', rule)).toEqual([
      `ec2:AuthorizeSecurityGroupEgress ${MINE}:security-group/${region.instanceGroup}`,
    ]);
  });

  test.each([
    'DescribeInstances',
    'DescribeInstanceStatus',
    'DescribeImages',
    'DescribeSnapshots',
    'DescribeVolumes',
    'DescribeVpcEndpoints',
    'DescribeRouteTables',
    'DescribeSecurityGroups',
    'DescribePrefixLists',
    'DescribeSubnets',
  ])('%s takes no resource', async (operation) => {
    expect(await asked(new Region(), operation, {})).toEqual([`ec2:${operation} *`]);
  });

  test('a refusal leaves everything as it was', async () => {
    const region = new Region();
    const id = await region.running();
    region.iam.forbidden.add('ec2:TerminateInstances');
    expect(await region.codeOf('TerminateInstances', { InstanceIds: [id] })).toBe('UnauthorizedOperation');
    expect((await region.describe(id)).State.Name).toBe('running');
    region.iam.forbidden.add('iam:PassRole');
    expect(await region.codeOf('RunInstances', region.launchRequest())).toBe('UnauthorizedOperation');
    expect((await region.call('DescribeInstances')).Reservations).toHaveLength(1);
  });
});
