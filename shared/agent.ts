import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Config } from './config.ts';
import { originOf } from './endpoints.ts';
import { AGENT_SERVICES } from './isolation.ts';

/** Whether the agent of an instance is online in Systems Manager. */
export async function isOnline(ssm: SSMClient, instanceId: string): Promise<boolean> {
  const { InstanceInformationList } = await ssm.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }),
  );
  return InstanceInformationList?.[0]?.PingStatus === 'Online';
}

/** Whether the sandbox has, among these endpoints, all that an agent in it needs to reach Systems Manager. */
export function agentHasPath(endpoints: readonly VpcEndpoint[], { region, deployment }: Config): boolean {
  return AGENT_SERVICES.every(
    (service) => originOf(endpoints, `com.amazonaws.${region}.${service}`, deployment).from !== 'nowhere',
  );
}
