import type { Instance } from '@aws-sdk/client-ec2';
import type { ConsistencyAsked } from './recoveryPoint.ts';
import { tagValue } from './tags.ts';

/** What is known of an instance before its backup. */
export interface TargetFacts {
  instance: Instance;
  /** Whether its agent is online in Systems Manager. */
  managed: boolean;
  /** Whether its type has instance store, whose data a stop loses. */
  instanceStore: boolean;
}

/** What the backup would do with it. */
export interface TargetPlan {
  consistency: ConsistencyAsked;
  /** A manifest is to be read in it. */
  validated: boolean;
}

/** Every reason why this instance must not be backed up this way; none means that it may. */
export function refusals(facts: TargetFacts, plan: TargetPlan): string[] {
  const { instance } = facts;
  const { consistency } = plan;
  const state = instance.State?.Name ?? 'unknown';
  const group = tagValue(instance.Tags, 'aws:autoscaling:groupName');
  const running = state === 'running';
  const needsAgent = consistency === 'reboot' || consistency === 'freeze' || plan.validated;
  const found: (string | false)[] = [
    instance.RootDeviceType !== 'ebs' && 'its root device is not an EBS volume',
    !running && state !== 'stopped' && `it is ${state}`,
    state === 'stopped' && needsAgent && `it is stopped: only consistency stop or none without paths can be`,
    consistency === 'stop' &&
      running &&
      group !== undefined &&
      `Auto Scaling group ${group} would replace it`,
    // Whether the group looks at load-balancer health is not asked: refusing too much costs a run, not an instance.
    consistency === 'reboot' && group !== undefined && `Auto Scaling group ${group} may replace it meanwhile`,
    consistency === 'stop' && facts.instanceStore && 'a stop loses what is on its instance store',
    // A persistent Spot request would allow it; telling them apart is not worth another right.
    consistency === 'stop' && instance.InstanceLifecycle === 'spot' && 'a Spot instance may not start again',
    running && needsAgent && !facts.managed && 'it is not online in Systems Manager',
  ];
  return found.filter((reason) => reason !== false);
}
