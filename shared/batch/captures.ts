import {
  type EC2Client,
  type Image,
  paginateDescribeImages,
  paginateDescribeSnapshots,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { TAG, tagValue } from '../tags.ts';
import type { Capture } from './captureTokens.ts';

const PAGE = 1000; // items of one page, at most

/** Everything that the captures of a batch have made, as EC2 shows it. */
export interface Captures {
  images: ReadonlyMap<string, Image>;
  /** By the instance that they are of. */
  snapshots: ReadonlyMap<string, Snapshot[]>;
}

/** Reads all images and snapshots that carry a batch's tag. */
export async function capturesOf(client: EC2Client, capture: Capture, tag: string): Promise<Captures> {
  const Filters = [{ Name: `tag:${TAG.batch}`, Values: [tag] }];
  const images = new Map<string, Image>();
  if (capture === 'ami') {
    const request = { Owners: ['self'], Filters, MaxResults: PAGE };
    for await (const { Images = [] } of paginateDescribeImages({ client }, request))
      for (const image of Images) images.set(image.ImageId ?? '', image);
  }
  const snapshots = new Map<string, Snapshot[]>();
  const request = { OwnerIds: ['self'], Filters, MaxResults: PAGE };
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client }, request))
    for (const snapshot of Snapshots) {
      const of = tagValue(snapshot.Tags, TAG.resource) ?? '';
      const known = snapshots.get(of);
      if (known) known.push(snapshot);
      else snapshots.set(of, [snapshot]);
    }
  return { images, snapshots };
}
