import type { AutoScalingGroup, Instance } from '@aws-sdk/client-auto-scaling';

/** A hook that holds an instance back before it is terminated. */
export interface Hook {
  name: string;
  heartbeatSeconds: number;
  defaultResult: 'CONTINUE' | 'ABANDON';
}

/** What CloudFormation makes a group of. */
export interface GroupProperties {
  name: string;
  minSize: number;
  maxSize: number;
  desired: number;
  templateId: string;
  subnetIds: string[];
  hook?: Hook;
  tags: { Key: string; Value: string; PropagateAtLaunch: boolean }[];
}

/** An instance of a group, from its launch until the group has seen the last of it. */
export interface Member {
  instanceId: string;
  state: 'Pending' | 'InService' | 'Terminating:Wait' | 'Terminating:Proceed';
  healthy: boolean;
  zone: string;
  /** Lets a waiting instance go on, as CompleteLifecycleAction and the end of the heartbeat do. */
  proceed?: () => void;
  /** Names the lifecycle action that waits. */
  token?: string;
}

export interface Group extends GroupProperties {
  arn: string;
  createdAt: Date;
  members: Member[];
  suspended: Set<string>;
  /** Why launches failed, as scaling activities would tell. */
  failures: string[];
}

export function isLeaving({ state }: Member): boolean {
  return state.startsWith('Terminating');
}

/** A group as DescribeAutoScalingGroups shows it. */
export function shown(group: Group): AutoScalingGroup {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desired,
    DefaultCooldown: 300,
    AvailabilityZones: [],
    HealthCheckType: 'EC2',
    CreatedTime: group.createdAt,
    VPCZoneIdentifier: group.subnetIds.join(','),
    LaunchTemplate: { LaunchTemplateId: group.templateId, Version: '1' },
    Instances: group.members.map(
      (member): Instance => ({
        InstanceId: member.instanceId,
        AvailabilityZone: member.zone,
        LifecycleState: member.state,
        HealthStatus: member.healthy ? 'Healthy' : 'Unhealthy',
        ProtectedFromScaleIn: false,
      }),
    ),
    SuspendedProcesses: [...group.suspended].map((ProcessName) => ({
      ProcessName,
      SuspensionReason: 'User suspended at',
    })),
    Tags: group.tags.map((tag) => ({
      ...tag,
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
    })),
  };
}
