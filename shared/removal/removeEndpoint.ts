import { DeleteVpcEndpointsCommand, DescribeVpcEndpointsCommand } from '@aws-sdk/client-ec2';
import { unlessNotFound } from '../awsErrors.ts';
import { TAG, tagValue } from '../tags.ts';
import type { Remover } from './removal.ts';

/**
 * Deletes an endpoint that stands in this run's ledger: its own, or one that an aborted run of this deployment left
 * and this run took over. The user's own carry no run.
 */
export const removeEndpoint: Remover = async (id, { ec2, config }) => {
  const found = await unlessNotFound(
    ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] })),
    'InvalidVpcEndpointId.NotFound',
  );
  const endpoint = found?.VpcEndpoints?.[0];
  if (!endpoint) return { state: 'missing' };
  const state = endpoint.State?.toLowerCase(); // EC2 answers in lower case, the SDK's type says otherwise
  if (state === 'deleted') return { state: 'gone' };
  if (state === 'deleting') return { state: 'going' };
  const deployment = tagValue(endpoint.Tags, TAG.deployment);
  if (deployment !== config.deployment || tagValue(endpoint.Tags, TAG.run) === undefined)
    return { state: 'stuck', reason: `it belongs to deployment ${deployment}` };
  const { Unsuccessful } = await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
  const refused = Unsuccessful?.[0]?.Error;
  if (!refused || refused.Code === 'InvalidVpcEndpointId.NotFound') return { state: 'going' };
  return { state: 'stuck', reason: `${refused.Code}: ${refused.Message}` };
};
