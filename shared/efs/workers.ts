import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  type Instance,
} from '@aws-sdk/client-auto-scaling';
import { ResourceNotFound } from '../errors.ts';

/** @throws ResourceNotFound when there is no such group */
export async function describeGroup(autoScaling: AutoScalingClient, name: string): Promise<AutoScalingGroup> {
  const { AutoScalingGroups } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  const [group] = AutoScalingGroups ?? [];
  if (!group) throw new ResourceNotFound(`there is no Auto Scaling group ${name}; deploy the policy first`);
  return group;
}

/** The value of a group's tag. */
export function groupTag({ Tags = [] }: AutoScalingGroup, key: string): string | undefined {
  return Tags.find((tag) => tag.Key === key)?.Value;
}

/** The instance of a group that is in service and well. */
export function workerOf({ Instances = [] }: AutoScalingGroup): Instance | undefined {
  return Instances.find(
    ({ LifecycleState, HealthStatus }) => LifecycleState === 'InService' && HealthStatus === 'Healthy',
  );
}
