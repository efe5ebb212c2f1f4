import {
  DescribePrefixListsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2';
import type { Config } from './config.ts';
import { ResourceNotFound } from './errors.ts';
import type { Network, Sandbox } from './isolation.ts';

/** The id of S3's prefix list in a Region; undefined when there is none. */
async function findS3PrefixList(ec2: EC2Client, region: string): Promise<string | undefined> {
  const { PrefixLists } = await ec2.send(
    new DescribePrefixListsCommand({
      Filters: [{ Name: 'prefix-list-name', Values: [`com.amazonaws.${region}.s3`] }],
    }),
  );
  return PrefixLists?.[0]?.PrefixListId;
}

/** @throws ResourceNotFound when the Region has no prefix list of S3. */
export async function s3PrefixListOf(ec2: EC2Client, region: string): Promise<string> {
  const id = await findS3PrefixList(ec2, region);
  if (!id) throw new ResourceNotFound(`there is no prefix list of S3 in ${region}`);
  return id;
}

/** Every endpoint of a VPC. */
export async function endpointsOf(ec2: EC2Client, vpcId: string): Promise<VpcEndpoint[]> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  return (await ec2.send(new DescribeVpcEndpointsCommand({ Filters }))).VpcEndpoints ?? [];
}

/** Reads all of the sandbox's network that its isolation depends on. */
export async function readNetwork(ec2: EC2Client, { sandbox, region }: Config): Promise<Network> {
  const { subnetId, instanceSecurityGroup, endpointSecurityGroup, vpcId } = sandbox;
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const subnets = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
  const tables = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const GroupIds = [instanceSecurityGroup, endpointSecurityGroup];
  const groups = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
  const group = (id: string) => groups.SecurityGroups?.find((one) => one.GroupId === id);
  return {
    subnet: subnets.Subnets?.[0],
    routeTables: tables.RouteTables ?? [],
    instanceGroup: group(instanceSecurityGroup),
    endpointGroup: group(endpointSecurityGroup),
    endpoints: await endpointsOf(ec2, vpcId),
    s3PrefixList: await findS3PrefixList(ec2, region),
  };
}

/** What the sandbox of a stack is meant to be. */
export function sandboxOf({ sandbox, region, stagingBucket, keyArn }: Config): Sandbox {
  const partition = keyArn.split(':')[1] ?? 'aws';
  const { vpcId, instanceRoleArn } = sandbox;
  return { vpcId, region, partition, stagingBucket, instanceRoleArn };
}
