import { EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { instant } from '../../shared/instant.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Stops an instance in good order; one that is stopping or stopped stays so. */
export const stopInstance = task({
  name: 'StopInstance',
  input: v.object({ instanceId }),
  output: v.object({ instanceId, askedAt: instant }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ instanceId }, { aws, now }) => {
    await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    return { instanceId, askedAt: now().toISOString() };
  },
});
