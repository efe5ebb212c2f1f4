import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import * as v from 'valibot';
import { isNamed } from '../../shared/awsErrors.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Lets a worker's termination go on. One that nobody holds back any more is `gone`: its hook is over already. */
export const completeHook = task({
  name: 'CompleteHook',
  input: v.object({ group: v.string(), hook: v.string(), token: v.string(), instanceId }),
  output: v.object({ gone: v.boolean() }),
  aws: (settings) => ({ autoScaling: new AutoScalingClient(settings) }),
  run: async ({ group, hook, token, instanceId }, { aws }) => {
    try {
      await aws.autoScaling.send(
        new CompleteLifecycleActionCommand({
          AutoScalingGroupName: group,
          LifecycleHookName: hook,
          LifecycleActionToken: token,
          InstanceId: instanceId,
          LifecycleActionResult: 'CONTINUE',
        }),
      );
      return { gone: false };
    } catch (error) {
      if (
        isNamed(error, 'ValidationError') &&
        error instanceof Error &&
        error.message.startsWith('No active Lifecycle Action')
      )
        return { gone: true };
      throw error;
    }
  },
});
