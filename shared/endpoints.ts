import {
  AuthorizeSecurityGroupEgressCommand,
  CreateVpcEndpointCommand,
  type EC2Client,
  type VpcEndpoint,
} from '@aws-sdk/client-ec2';
import { unlessNotFound } from './awsErrors.ts';
import type { Config } from './config.ts';
import { endpointPolicy } from './endpointPolicy.ts';
import { StillClosing } from './errors.ts';
import { s3PrefixListOf } from './networkFacts.ts';
import { TAG, tagList, tagValue } from './tags.ts';

const GONE = ['deleting', 'deleted', 'failed', 'rejected', 'expired'];

/** Where an endpoint of a service comes from, as far as a drill is concerned. */
export type EndpointOrigin =
  | { from: 'nowhere' }
  /** The user's own: used, and never deleted. */
  | { from: 'user'; id: string }
  /** Of this run, or of one that was aborted before its cleanup, which this run then takes over. */
  | { from: 'run'; id: string };

/** Finds the endpoint that gives a service its private name in a VPC. */
export function originOf(
  endpoints: readonly VpcEndpoint[],
  serviceName: string,
  deployment: string,
): EndpointOrigin {
  const found = endpoints.find(
    (one) =>
      one.ServiceName === serviceName &&
      one.VpcEndpointType === 'Interface' &&
      one.PrivateDnsEnabled === true &&
      !GONE.includes(one.State?.toLowerCase() ?? ''),
  );
  if (!found?.VpcEndpointId) return { from: 'nowhere' };
  const ours =
    tagValue(found.Tags, TAG.deployment) === deployment && tagValue(found.Tags, TAG.run) !== undefined;
  return { from: ours ? 'run' : 'user', id: found.VpcEndpointId };
}

/**
 * Makes the endpoint of an agent's service in the sandbox; its client token makes a repeat return the same one.
 * @throws StillClosing while a former endpoint holds the private name.
 */
export async function createEndpoint(
  ec2: EC2Client,
  { runId, service }: { runId: string; service: string },
  { sandbox, region, deployment }: Config,
): Promise<string> {
  try {
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcEndpointType: 'Interface',
        VpcId: sandbox.vpcId,
        SubnetIds: [sandbox.subnetId],
        SecurityGroupIds: [sandbox.endpointSecurityGroup],
        ServiceName: `com.amazonaws.${region}.${service}`,
        PrivateDnsEnabled: true,
        PolicyDocument: endpointPolicy(sandbox.instanceRoleArn),
        ClientToken: `${runId}-${service}`,
        TagSpecifications: [
          {
            ResourceType: 'vpc-endpoint',
            Tags: tagList({
              Name: `${deployment} ${service}`,
              [TAG.deployment]: deployment,
              [TAG.run]: runId,
            }),
          },
        ],
      }),
    );
    return VpcEndpoint?.VpcEndpointId ?? '';
  } catch (error) {
    // EC2 has one code for every wrong parameter, and this fault has only its words.
    const conflict = error instanceof Error && /conflicting DNS domain/.test(error.message);
    if (conflict) throw new StillClosing(error.message);
    throw error;
  }
}

/** Lets a security group's instances reach S3, unless it does already. @throws ResourceNotFound */
export async function letOutToS3(ec2: EC2Client, group: string, region: string): Promise<void> {
  const list = { PrefixListId: await s3PrefixListOf(ec2, region), Description: 'S3' };
  const rule = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [list] };
  const request = new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [rule] });
  await unlessNotFound(ec2.send(request), 'InvalidPermission.Duplicate');
}
