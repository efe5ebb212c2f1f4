import { DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { ResourceFailed, ResourceNotFound } from '../../shared/errors.ts';
import { findInstance } from '../../shared/instanceFacts.ts';
import { deadEnd, stateOf, wantedState } from '../../shared/instanceStates.ts';
import { elapsedSince, GRACE, look, lookInput, lookOutput } from '../../shared/look.ts';
import { instanceId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks whether an instance has come to a state. @throws ResourceFailed when it went elsewhere (`Client.InternalError`
 * mostly means a key without a grant) or takes too long; ResourceNotFound when EC2 still does not know it 5 minutes
 * after it began.
 */
export const checkInstance = task({
  name: 'CheckInstance',
  input: v.object({ instanceId, wanted: wantedState, ...lookInput }),
  output: v.object({ ...lookOutput, state: v.string() }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ instanceId, wanted, since, limitSeconds }, { aws, now }) => {
    const timing = { since, limitSeconds, now: now() };
    const instance = await findInstance(aws.ec2, instanceId);
    if (!instance && wanted !== 'terminated' && elapsedSince(since, timing.now) > GRACE)
      throw new ResourceNotFound(`there is no instance ${instanceId}`);
    const state = stateOf(instance, wanted);
    const fault = deadEnd(instance, wanted);
    if (fault) throw new ResourceFailed(`${instanceId} ${fault}`);
    const there =
      wanted === 'status-ok'
        ? state === 'running' && (await checksPass(aws.ec2, instanceId))
        : state === wanted;
    return { ...look(there, [`${instanceId}:${wanted}`], timing), state };
  },
});

async function checksPass(ec2: EC2Client, instanceId: string): Promise<boolean> {
  const { InstanceStatuses } = await ec2.send(
    new DescribeInstanceStatusCommand({ InstanceIds: [instanceId] }),
  );
  const status = InstanceStatuses?.[0];
  return status?.InstanceStatus?.Status === 'ok' && status.SystemStatus?.Status === 'ok';
}
