import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import * as z from 'zod';
import { describeGroup, workerOf } from '../../shared/efs/workers.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/** Looks whether a group's worker is in service, or whether the group is empty. @throws ResourceFailed when it takes too long */
export const checkWorker = task({
  name: 'CheckWorker',
  input: z.object({ group: z.string(), wanted: z.enum(['in-service', 'none']), ...lookInput }),
  output: z.object({ ...lookOutput, instanceId: z.string().optional() }),
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
