import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { NetworkNotIsolated } from '../../shared/errors.ts';
import { leaksOf } from '../../shared/isolation.ts';
import { readNetwork, sandboxOf } from '../../shared/networkFacts.ts';
import { task } from '../../shared/task.ts';

/**
 * The gate before a copy is launched into the sandbox: reads its network afresh and refuses when the copy could reach
 * anything but Systems Manager and the staging bucket. What its instance profile allows is the template's, and a
 * launch takes no other. @throws NetworkNotIsolated naming each route and rule.
 */
export const checkIsolation = task({
  name: 'CheckIsolation',
  input: v.object({}),
  output: v.object({
    /** Routes, rules and endpoints that were looked at. */
    looked: v.number(),
    subnetId: v.string(),
    securityGroupId: v.string(),
    instanceProfile: v.string(),
  }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async (_, { aws, config }) => {
    const { looked, leaks } = leaksOf(await readNetwork(aws.ec2, config), sandboxOf(config));
    if (leaks.length > 0) throw new NetworkNotIsolated(`the sandbox is not isolated: ${leaks.join('; ')}`);
    const { subnetId, instanceSecurityGroup, instanceProfile } = config.sandbox;
    return { looked, subnetId, securityGroupId: instanceSecurityGroup, instanceProfile };
  },
});
