import {
  type EC2Client,
  type Filter,
  type Image,
  paginateDescribeVolumes,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import type { TagPatterns } from '../policy/expression.ts';
import { TAG, tagList, tagValue } from '../tags.ts';
import { instanceNamed, isNobodys, type LooseSet, looseSets, startOf } from './looseSets.ts';
import type { Point } from './point.ts';
import { type Holds, pointOfImage, pointsOfSnapshots } from './pointsFrom.ts';
import type { Owned } from './readPoints.ts';
import { imagesOf, lockedSnapshots, snapshotsOf } from './readPoints.ts';

/** Something of before this product that a policy takes over: the point it becomes, and the tags that make it one. */
export interface Adoption {
  point: Point;
  /** The image and its snapshots, or the snapshots of the set. */
  ids: string[];
  tags: Record<string, string>;
}

const VALUES = 200; // the most that a filter takes

/** What a policy takes over in one Region, and what it leaves alone though it has the policy's tags, one line each. */
export interface Adoptable {
  adoptions: Adoption[];
  leftAlone: string[];
}

/**
 * What a policy adopts in one Region: available images and completed snapshots that carry the policy's tags and that no
 * deployment owns. A snapshot's instance is the one that its volume is attached to, or the only instance that a tag of
 * it names; one without an instance is left alone, and so is an image of which a snapshot belongs to somebody.
 */
export async function adoptable(ec2: EC2Client, patterns: TagPatterns, owned: Owned): Promise<Adoptable> {
  const Filters = filtersOf(patterns);
  const [images, snapshots]: [Image[], Snapshot[]] = [[], []];
  for await (const page of imagesOf(ec2, Filters)) images.push(...page);
  for await (const page of snapshotsOf(ec2, Filters)) snapshots.push(...page);
  const holds = { locked: await lockedSnapshots(ec2), sources: new Set<string>() };
  const free = images.filter((image) => image.State === 'available' && isNobodys(image.Tags));
  const ofImages = adoptImages(free, await ownersOf(ec2, free.flatMap(snapshotsIn)), owned, holds);
  const used = new Set(images.flatMap(snapshotsIn));
  const loose = snapshots.filter(
    ({ SnapshotId = '', State, Description = '' }) =>
      State === 'completed' && !used.has(SnapshotId) && !/\bami-[0-9a-f]+/.test(Description),
  );
  const instances = await instancesOfVolumes(
    ec2,
    loose.flatMap(({ VolumeId }) => VolumeId ?? []),
  );
  return {
    adoptions: [
      ...ofImages.adoptions,
      ...looseSets(loose, instances).map((set) => adoptSet(set, owned, holds)),
    ],
    leftAlone: ofImages.leftAlone,
  };
}

/** One image after the other: of two that share a snapshot only the first is adopted. */
function adoptImages(
  free: readonly Image[],
  owners: Map<string, string>,
  owned: Owned,
  holds: Holds,
): Adoptable {
  const [adoptions, leftAlone]: [Adoption[], string[]] = [[], []];
  for (const image of free) {
    const resource = instanceNamed(image.Tags) ?? image.SourceInstanceId;
    if (!resource || !image.ImageId) continue;
    const tags = { ...ownerTags(owned, resource), [TAG.created]: iso(image.CreationDate) };
    const point = pointOfImage({ ...image, Tags: tagList(tags) }, holds);
    const taken = point.snapshotIds.find((id) => owners.has(id));
    if (taken !== undefined) {
      leftAlone.push(`${image.ImageId}: its snapshot ${taken} belongs to ${owners.get(taken)}`);
      continue;
    }
    for (const id of point.snapshotIds) owners.set(id, image.ImageId);
    adoptions.push({ point, ids: [image.ImageId, ...point.snapshotIds], tags });
  }
  return { adoptions, leftAlone };
}

function adoptSet({ resource, members, wanted }: LooseSet, owned: Owned, holds: Holds): Adoption {
  const created = new Date(Math.min(...members.map(startOf))).toISOString();
  const set = `adopted-${created.replace(/[-:]|\.\d+/g, '')}/${resource}`;
  const tags = {
    ...ownerTags(owned, resource),
    [TAG.created]: created,
    [TAG.set]: set,
    [TAG.members]: String(wanted),
  };
  const tagged = members.map((member) => ({ ...member, Tags: tagList(tags) }));
  const [point] = pointsOfSnapshots(tagged, holds);
  if (!point) throw new Error(`no point of ${set}`); // it has a member, and each has the set's tag
  return { point, ids: point.snapshotIds, tags };
}

function ownerTags({ deployment, policy }: Owned, resource: string): Record<string, string> {
  return {
    [TAG.deployment]: deployment,
    [TAG.policy]: policy,
    [TAG.resource]: resource,
    [TAG.status]: 'verified', // by AWS: it is available, or completed
    [TAG.consistency]: 'crash', // nobody knows better
  };
}

function filtersOf(patterns: TagPatterns): Filter[] {
  return Object.entries(patterns).map(([key, values]) => ({ Name: `tag:${key}`, Values: [values].flat() }));
}

function iso(date: string | undefined): string {
  return new Date(date ?? 0).toISOString();
}

/** The instances that volumes are attached to, by the volumes' ids; volumes that are gone are not in it. */
async function instancesOfVolumes(
  ec2: EC2Client,
  volumeIds: readonly string[],
): Promise<Map<string, string>> {
  const ids = [...new Set(volumeIds)];
  const instances = new Map<string, string>();
  for (let at = 0; at < ids.length; at += VALUES) {
    const Filters = [{ Name: 'volume-id', Values: ids.slice(at, at + VALUES) }];
    for await (const { Volumes = [] } of paginateDescribeVolumes(
      { client: ec2, pageSize: 1000 },
      { Filters },
    ))
      for (const { VolumeId, Attachments = [] } of Volumes)
        for (const { InstanceId } of Attachments)
          if (VolumeId && InstanceId) instances.set(VolumeId, InstanceId);
  }
  return instances;
}

/** The deployments that snapshots belong to, by the snapshots' ids; those of nobody are not in it. */
async function ownersOf(ec2: EC2Client, snapshotIds: readonly string[]): Promise<Map<string, string>> {
  const ids = [...new Set(snapshotIds)];
  const owners = new Map<string, string>();
  for (let at = 0; at < ids.length; at += VALUES) {
    const Filters = [{ Name: 'snapshot-id', Values: ids.slice(at, at + VALUES) }];
    for await (const page of snapshotsOf(ec2, Filters))
      for (const { SnapshotId, Tags } of page) {
        const owner = tagValue(Tags, TAG.deployment);
        if (SnapshotId && owner !== undefined) owners.set(SnapshotId, owner);
      }
  }
  return owners;
}

function snapshotsIn({ BlockDeviceMappings = [] }: Image): string[] {
  return BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}
