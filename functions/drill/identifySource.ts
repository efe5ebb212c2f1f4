import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { describeInstance, describeVolumes, volumeFactsOf } from '../../shared/instanceFacts.ts';
import { instant } from '../../shared/instant.ts';
import { instanceId, volumeFacts } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Reads which volumes the source has, and its launch time, which a stop and start makes a new one.
 * @throws ResourceNotFound when there is no such instance.
 */
export const identifySource = task({
  name: 'IdentifySource',
  input: v.object({ instanceId }),
  output: v.object({
    /** ISO 8601, EC2's own. */
    launchTime: instant,
    volumes: v.pipe(v.array(volumeFacts), v.minLength(1)),
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
