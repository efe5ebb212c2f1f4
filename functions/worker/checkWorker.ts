import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import * as v from 'valibot';
import { describeGroup, workerOf } from '../../shared/efs/workers.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/** Looks whether a group's worker is in service, or whether the group is empty. @throws ResourceFailed when it takes too long */
export const checkWorker = task({
  name: 'CheckWorker',
  input: v.object({ group: v.string(), wanted: v.picklist(['in-service', 'none']), ...lookInput }),
  output: v.object({ ...lookOutput, instanceId: v.optional(v.string()) }),
  aws: (settings) => ({ autoScaling: new AutoScalingClient(settings) }),
  run: async ({ group, wanted, since, limitSeconds }, { aws, now }) => {
    const found = await describeGroup(aws.autoScaling, group);
    const worker = workerOf(found);
    const ready =
      wanted === 'in-service'
        ? worker !== undefined
        : found.DesiredCapacity === 0 && !found.Instances?.length;
    const looked = look(ready, [`${group}:${wanted}`], { since, limitSeconds, now: now() });
    return wanted === 'in-service' ? { ...looked, instanceId: worker?.InstanceId } : looked;
  },
});
