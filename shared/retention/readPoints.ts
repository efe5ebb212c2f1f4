import {
  DescribeLockedSnapshotsCommand,
  type EC2Client,
  type Filter,
  type Image,
  paginateDescribeImages,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { TAG } from '../tags.ts';
import type { Point } from './point.ts';
import { pointOfImage, pointsOfSnapshots } from './pointsFrom.ts';

const PAGE = 1000; // the most that EC2 gives in one answer

/** What a list asks for: the points of one policy of a deployment. */
export interface Owned {
  deployment: string;
  policy: string;
}

/** All recovery points of a policy in one Region, as their tags are now. */
export async function readPoints(ec2: EC2Client, owned: Owned, region: string): Promise<Point[]> {
  const holds = { locked: await lockedSnapshots(ec2), sources: await sourcesOfCopies(ec2, region) };
  const points: Point[] = [];
  for await (const images of imagesOf(ec2, ownedFilters(owned)))
    for (const image of images) points.push(pointOfImage(image, holds));
  const members: Snapshot[] = [];
  const sets = [...ownedFilters(owned), { Name: 'tag-key', Values: [TAG.set] }];
  for await (const snapshots of snapshotsOf(ec2, sets)) members.push(...snapshots);
  return [...points, ...pointsOfSnapshots(members, holds)];
}

/** The filters that find what a policy of a deployment owns. */
export function ownedFilters({ deployment, policy }: Owned): Filter[] {
  return [
    { Name: `tag:${TAG.deployment}`, Values: [deployment] },
    { Name: `tag:${TAG.policy}`, Values: [policy] },
  ];
}

/** The account's own images, page by page; disabled ones too, which AWS leaves out unless asked. */
export async function* imagesOf(ec2: EC2Client, Filters: Filter[]): AsyncGenerator<Image[]> {
  const request = { Owners: ['self'], IncludeDisabled: true, Filters };
  for await (const { Images = [] } of paginateDescribeImages({ client: ec2, pageSize: PAGE }, request))
    yield Images;
}

/** The account's own snapshots, page by page. */
export async function* snapshotsOf(ec2: EC2Client, Filters: Filter[]): AsyncGenerator<Snapshot[]> {
  const request = { OwnerIds: ['self'], Filters };
  for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client: ec2, pageSize: PAGE }, request))
    yield Snapshots;
}

/** Ids of all snapshots under Snapshot Lock; there are few, and one list tells of all. */
export async function lockedSnapshots(ec2: EC2Client): Promise<Set<string>> {
  const locked = new Set<string>();
  let NextToken: string | undefined;
  do {
    const answer = await ec2.send(new DescribeLockedSnapshotsCommand({ NextToken }));
    for (const { SnapshotId, LockState } of answer.Snapshots ?? [])
      if (SnapshotId && LockState !== 'expired') locked.add(SnapshotId);
    NextToken = answer.NextToken;
  } while (NextToken);
  return locked;
}

/**
 * Images and snapshots that a copy within the Region is being made of. The copy is pending, and says what it is of: an
 * image in a field of its own, a snapshot in the description that AWS gives it.
 */
export async function sourcesOfCopies(ec2: EC2Client, region: string): Promise<Set<string>> {
  const sources = new Set<string>();
  for await (const images of imagesOf(ec2, [{ Name: 'state', Values: ['pending'] }]))
    for (const { SourceImageId, SourceImageRegion = region } of images)
      if (SourceImageId && SourceImageRegion === region) sources.add(SourceImageId);
  for await (const snapshots of snapshotsOf(ec2, [{ Name: 'status', Values: ['pending'] }]))
    for (const { Description = '' } of snapshots)
      for (const [id] of Description.matchAll(/\bsnap-[0-9a-f]{8,17}\b/g)) sources.add(id);
  return sources;
}

/** Ids of all instances that there are, stopped ones too. */
export async function existingInstances(ec2: EC2Client): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2, pageSize: PAGE }, {}))
    for (const { InstanceId, State } of Reservations.flatMap(({ Instances = [] }) => Instances))
      if (InstanceId && State?.Name !== 'terminated') found.add(InstanceId);
  return found;
}
