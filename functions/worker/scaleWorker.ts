import {
  AutoScalingClient,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import * as v from 'valibot';
import { describeGroup } from '../../shared/efs/workers.ts';
import { StillClosing } from '../../shared/errors.ts';
import { task } from '../../shared/task.ts';

/** While a worker works nothing replaces it: another one would begin anew beside a lock that it does not hold. */
const PROCESSES = ['ReplaceUnhealthy', 'AZRebalance'];

/**
 * Sets a worker group to one instance or to none; repeating it changes nothing.
 * @throws StillClosing while the instance of an earlier run is on its way out
 */
export const scaleWorker = task({
  name: 'ScaleWorker',
  input: v.object({ group: v.string(), desired: v.union([v.literal(0), v.literal(1)]) }),
  output: v.object({ scaledAt: v.string() }),
  aws: (settings) => ({ autoScaling: new AutoScalingClient(settings) }),
  run: async ({ group: AutoScalingGroupName, desired: DesiredCapacity }, { aws, now }) => {
    const named = { AutoScalingGroupName, ScalingProcesses: PROCESSES };
    if (DesiredCapacity === 1) {
      const { Instances = [] } = await describeGroup(aws.autoScaling, AutoScalingGroupName);
      const leaving = Instances.find(({ LifecycleState }) => LifecycleState?.startsWith('Terminating'));
      if (leaving)
        throw new StillClosing(`${leaving.InstanceId} of an earlier run is ${leaving.LifecycleState}`);
      await aws.autoScaling.send(new SuspendProcessesCommand(named));
    }
    await aws.autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity, HonorCooldown: false }),
    );
    if (DesiredCapacity === 0) await aws.autoScaling.send(new ResumeProcessesCommand(named));
    return { scaledAt: now().toISOString() };
  },
});
