import { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { isOnline } from '../../shared/agent.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Looks whether an instance's agent is online in Systems Manager. @throws ResourceFailed when it takes too long. */
export const checkOnline = task({
  name: 'CheckOnline',
  input: v.object({ instanceId, ...lookInput }),
  output: v.object(lookOutput),
  aws: (settings) => ({ ssm: new SSMClient(settings) }),
  run: async ({ instanceId, since, limitSeconds }, { aws, now }) => {
    const online = await isOnline(aws.ssm, instanceId);
    return look(online, [`${instanceId}:online`], { since, limitSeconds, now: now() });
  },
});
