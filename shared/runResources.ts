import {
  type EC2Client,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  paginateDescribeVpcEndpoints,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { resourceKind } from './ledger.ts';
import { TAG } from './tags.ts';

/** Something that exists in the account, as a list or a look by its id showed it. */
export const resource = v.object({ kind: resourceKind, id: v.string(), state: v.string() });
export type Resource = v.InferOutput<typeof resource>;

/** States in which something does not exist any more, though EC2 still shows it. */
export const OVER = ['terminated', 'deleted', 'deregistered'];

/**
 * Everything in EC2 that carries a run's tag and still exists. Lists by tag lag behind by up to a minute: what has
 * just been made may be missing.
 */
export async function taggedResources(ec2: EC2Client, runId: string): Promise<Resource[]> {
  const client = { client: ec2 };
  const Filters = [{ Name: `tag:${TAG.run}`, Values: [runId] }];
  const found: { kind: Resource['kind']; id: string | undefined; state: string | undefined }[] = [];
  for await (const page of paginateDescribeInstances(client, { Filters }))
    for (const one of page.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? [])
      found.push({ kind: 'instance', id: one.InstanceId, state: one.State?.Name });
  for await (const page of paginateDescribeImages(client, { Filters, Owners: ['self'] }))
    for (const one of page.Images ?? []) found.push({ kind: 'image', id: one.ImageId, state: one.State });
  for await (const page of paginateDescribeSnapshots(client, { Filters, OwnerIds: ['self'] }))
    for (const one of page.Snapshots ?? [])
      found.push({ kind: 'snapshot', id: one.SnapshotId, state: one.State });
  for await (const page of paginateDescribeVolumes(client, { Filters }))
    for (const one of page.Volumes ?? []) found.push({ kind: 'volume', id: one.VolumeId, state: one.State });
  for await (const page of paginateDescribeVpcEndpoints(client, { Filters }))
    for (const one of page.VpcEndpoints ?? [])
      found.push({ kind: 'endpoint', id: one.VpcEndpointId, state: one.State });
  return found.flatMap(({ kind, id, state }) => {
    const lower = state?.toLowerCase() ?? 'unknown';
    return id && !OVER.includes(lower) ? [{ kind, id, state: lower }] : [];
  });
}
