import { DescribeInstanceTypesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { isOnline } from '../../shared/agent.ts';
import { UnsupportedTarget } from '../../shared/errors.ts';
import { describeInstance, describeVolumes, volumeFactsOf } from '../../shared/instanceFacts.ts';
import { consistencyAsked, instanceId, volumeFacts } from '../../shared/recoveryPoint.ts';
import { refusals } from '../../shared/target.ts';
import { task } from '../../shared/task.ts';

/**
 * Describes the instance that is to be backed up, and refuses what this backup must not be done to.
 * @throws ResourceNotFound when there is none; UnsupportedTarget naming each rule that refuses it.
 */
export const describeTarget = task({
  name: 'DescribeTarget',
  input: v.object({ instanceId, consistency: consistencyAsked, validated: v.boolean() }),
  output: v.object({
    instanceId,
    running: v.boolean(),
    /** Its agent is online in Systems Manager. */
    managed: v.boolean(),
    rootDeviceName: v.string(),
    volumes: v.pipe(v.array(volumeFacts), v.minLength(1)),
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings), ssm: new SSMClient(settings) }),
  run: async ({ instanceId, consistency, validated }, { aws }) => {
    const instance = await describeInstance(aws.ec2, instanceId);
    const managed = await isOnline(aws.ssm, instanceId);
    const instanceStore = consistency === 'stop' && (await hasInstanceStore(aws.ec2, instance.InstanceType));
    const reasons = refusals({ instance, managed, instanceStore }, { consistency, validated });
    if (reasons.length > 0)
      throw new UnsupportedTarget(
        `${instanceId} cannot be backed up with consistency ${consistency}: ${reasons.join('; ')}`,
      );
    const volumes = await describeVolumes(aws.ec2, instance);
    return {
      instanceId,
      running: instance.State?.Name === 'running',
      managed,
      rootDeviceName: instance.RootDeviceName ?? '',
      volumes: volumeFactsOf(instance, volumes),
    };
  },
});

async function hasInstanceStore(ec2: EC2Client, type: Instance['InstanceType']): Promise<boolean> {
  const request = new DescribeInstanceTypesCommand({ InstanceTypes: type ? [type] : [] });
  const { InstanceTypes } = await ec2.send(request);
  return InstanceTypes?.[0]?.InstanceStorageSupported ?? true;
}
