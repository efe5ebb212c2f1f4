import { EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Stops an instance in good order; one that is stopping or stopped stays so. */
export const stopInstance = task({
  name: 'StopInstance',
  input: z.object({ instanceId }),
  output: z.object({ instanceId, askedAt: z.iso.datetime() }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ instanceId }, { aws, now }) => {
    await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    return { instanceId, askedAt: now().toISOString() };
  },
});
