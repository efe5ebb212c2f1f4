import { EC2Client } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { describeInstance, describeVolumes, volumeFactsOf } from '../../shared/instanceFacts.ts';
import { instanceId, volumeFacts } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Reads which volumes the source has, and its launch time, which a stop and start makes a new one.
 * @throws ResourceNotFound when there is no such instance.
 */
export const identifySource = task({
  name: 'IdentifySource',
  input: z.object({ instanceId }),
  output: z.object({
    /** ISO 8601, EC2's own. */
    launchTime: z.iso.datetime(),
    volumes: z.array(volumeFacts).min(1),
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ instanceId }, { aws }) => {
    const instance = await describeInstance(aws.ec2, instanceId);
    const volumes = await describeVolumes(aws.ec2, instance);
    return {
      launchTime: instance.LaunchTime?.toISOString() ?? '',
      volumes: volumeFactsOf(instance, volumes),
    };
  },
});
