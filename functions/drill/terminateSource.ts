import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { STSClient } from '@aws-sdk/client-sts';
import * as v from 'valibot';
import { InterlockRefused } from '../../shared/errors.ts';
import { instant } from '../../shared/instant.ts';
import { interlockRefusals } from '../../shared/interlock.ts';
import { readInterlockFacts } from '../../shared/interlockFacts.ts';
import { imageId, instanceId, runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Terminates the source of a drill, once everything that allows it was read again here. A repeat after the request was
 * accepted finds the source on its way out. @throws InterlockRefused listing each condition that does not hold.
 */
export const terminateSource = task({
  name: 'TerminateSource',
  input: v.object({
    runId,
    instanceId,
    launchTime: instant,
    accountId: v.string(),
    /** Image of the verified recovery point. */
    imageId,
  }),
  output: v.object({
    instanceId,
    /** ISO 8601: TerminateInstances was accepted; the recovery time counts from here. */
    acceptedAt: instant,
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings), sts: new STSClient(settings) }),
  run: async (input, { aws, now, config, log }) => {
    const facts = await readInterlockFacts(aws, input);
    const refused = interlockRefusals(facts, { ...input, deployment: config.deployment });
    const state = facts.instance?.State?.Name;
    if (state === 'shutting-down' || state === 'terminated') {
      log.warn(`${input.instanceId} is ${state} already`);
      return { instanceId: input.instanceId, acceptedAt: now().toISOString() };
    }
    if (refused.length > 0)
      throw new InterlockRefused(`${input.instanceId} is not terminated: ${refused.join('; ')}`);
    await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [input.instanceId] }));
    return { instanceId: input.instanceId, acceptedAt: now().toISOString() };
  },
});
