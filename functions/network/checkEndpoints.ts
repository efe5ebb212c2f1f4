import { DescribeVpcEndpointsCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { unlessNotFound } from '../../shared/awsErrors.ts';
import { ResourceFailed } from '../../shared/errors.ts';
import { elapsedSince, GRACE, look, lookInput, lookOutput } from '../../shared/look.ts';
import { task } from '../../shared/task.ts';

/** Looks whether endpoints are available. @throws ResourceFailed when one failed, is going, or takes too long. */
export const checkEndpoints = task({
  name: 'CheckEndpoints',
  input: v.object({ endpointIds: v.pipe(v.array(v.string()), v.minLength(1)), ...lookInput }),
  output: v.object(lookOutput),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ endpointIds, since, limitSeconds }, { aws, now }) => {
    const timing = { since, limitSeconds, now: now() };
    const found = await unlessNotFound(
      aws.ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: endpointIds })),
      'InvalidVpcEndpointId.NotFound',
    );
    if (!found && elapsedSince(since, timing.now) > GRACE)
      throw new ResourceFailed(`one of ${endpointIds.join(', ')} is not there`);
    const endpoints = found?.VpcEndpoints ?? [];
    // EC2 answers in lower case, the SDK's type says otherwise.
    const states = endpoints.map((endpoint) => endpoint.State?.toLowerCase() ?? 'pending');
    const lost = states.findIndex((state) => state !== 'pending' && state !== 'available');
    if (lost >= 0)
      throw new ResourceFailed(
        `${endpoints[lost]?.VpcEndpointId} is ${states[lost]}: ${endpoints[lost]?.LastError?.Message ?? 'EC2 gives no reason'}`,
      );
    const available = states.filter((state) => state === 'available').length;
    const waitedFor = endpointIds.map((id) => `${id}:available`);
    return look(available === endpointIds.length, waitedFor, timing);
  },
});
