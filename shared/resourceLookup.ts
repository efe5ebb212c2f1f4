import {
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { unlessNotFound } from './awsErrors.ts';
import { findImage } from './imageFacts.ts';
import { findInstance } from './instanceFacts.ts';
import type { ResourceKind } from './ledger.ts';
import { OVER, type Resource } from './runResources.ts';

/** One thing by its id, which lists by tag may not show yet; undefined when it does not exist (any more). */
export async function lookUp(ec2: EC2Client, kind: ResourceKind, id: string): Promise<Resource | undefined> {
  const state = (await stateOf(ec2, kind, id))?.toLowerCase();
  return state === undefined || OVER.includes(state) ? undefined : { kind, id, state };
}

async function stateOf(ec2: EC2Client, kind: ResourceKind, id: string): Promise<string | undefined> {
  switch (kind) {
    case 'instance':
      return (await findInstance(ec2, id))?.State?.Name;
    case 'image':
      return (await findImage(ec2, id))?.State;
    case 'snapshot': {
      const call = ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
      return (await unlessNotFound(call, 'InvalidSnapshot.NotFound'))?.Snapshots?.[0]?.State;
    }
    case 'volume': {
      const call = ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
      return (await unlessNotFound(call, 'InvalidVolume.NotFound'))?.Volumes?.[0]?.State;
    }
    case 'endpoint': {
      const call = ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }));
      return (await unlessNotFound(call, 'InvalidVpcEndpointId.NotFound'))?.VpcEndpoints?.[0]?.State;
    }
    case 'object':
      return undefined;
  }
}
