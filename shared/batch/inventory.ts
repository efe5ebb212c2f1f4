import {
  type EC2Client,
  type Instance,
  paginateDescribeInstances,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import { volumeIdsOf } from './targets.ts';

/** Items of one page of a Describe call, at most. */
const PAGE = 1000;
/** Values of one filter, at most: AWS's documentation of the filters. */
const FILTER_VALUES = 200;

/** All instances of a Region. */
export async function listInstances(client: EC2Client): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client }, { MaxResults: PAGE }))
    for (const { Instances } of page.Reservations ?? []) found.push(...(Instances ?? []));
  return found;
}

/**
 * The volumes of these instances, by id: asked for by instance, or, where that takes fewer calls, by reading all of the
 * Region's. @param all every instance of the Region, by which the number of its volumes is known.
 */
export async function attachedVolumes(
  client: EC2Client,
  instances: readonly Instance[],
  all: readonly Instance[],
): Promise<Map<string, Volume>> {
  const ids = instances.flatMap((instance) => instance.InstanceId ?? []);
  const pagesOfAll = Math.ceil(all.flatMap(volumeIdsOf).length / PAGE);
  const found = new Map<string, Volume>();
  const read = async (filter: { Name: string; Values: string[] }) => {
    const request = { MaxResults: PAGE, Filters: [filter] };
    for await (const page of paginateDescribeVolumes({ client }, request))
      for (const volume of page.Volumes ?? []) found.set(volume.VolumeId ?? '', volume);
  };
  if (pagesOfAll <= Math.ceil(ids.length / FILTER_VALUES)) {
    await read({ Name: 'status', Values: ['in-use'] });
    return found;
  }
  for (let at = 0; at < ids.length; at += FILTER_VALUES)
    await read({ Name: 'attachment.instance-id', Values: ids.slice(at, at + FILTER_VALUES) });
  return found;
}
