import { type EC2Client, paginateDescribeImages, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import { TAG } from '../tags.ts';
import type { Capture } from './captureTokens.ts';

const PAGE = 1000; // items of one page, at most

/** How many images or snapshots of a batch are still pending. */
export async function pendingOf(client: EC2Client, capture: Capture, tag: string): Promise<number> {
  const batch = { Name: `tag:${TAG.batch}`, Values: [tag] };
  let found = 0;
  if (capture === 'ami') {
    const Filters = [batch, { Name: 'state', Values: ['pending'] }];
    const request = { Owners: ['self'], Filters, MaxResults: PAGE };
    for await (const { Images = [] } of paginateDescribeImages({ client }, request)) found += Images.length;
    return found;
  }
  const Filters = [batch, { Name: 'status', Values: ['pending'] }];
  const request = { OwnerIds: ['self'], Filters, MaxResults: PAGE };
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client }, request))
    found += Snapshots.length;
  return found;
}
