import {
  type EC2Client,
  type Filter,
  type Image,
  paginateDescribeVolumes,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import type { TagPatterns } from '../policy/expression.ts';
import { TAG, tagList, tagValue } from '../tags.ts';
import type { Point } from './point.ts';
import { pointOfImage, pointsOfSnapshots } from './pointsFrom.ts';
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
/** Snapshots of one instance within so many milliseconds are one set: older tools take volume after volume. */
const TOGETHER = 15 * 60_000;

/**
 * What a policy adopts in one Region: available images and completed snapshots that carry the policy's tags and that no
 * deployment owns. A snapshot's instance is the one that its volume is attached to, or the only instance that a tag of
 * it names; one without an instance is left alone.
 */
export async function adoptable(ec2: EC2Client, patterns: TagPatterns, owned: Owned): Promise<Adoption[]> {
  const Filters = filtersOf(patterns);
  const [images, snapshots]: [Image[], Snapshot[]] = [[], []];
  for await (const page of imagesOf(ec2, Filters)) images.push(...page);
  for await (const page of snapshotsOf(ec2, Filters)) snapshots.push(...page);
  const holds = { locked: await lockedSnapshots(ec2), sources: new Set<string>() };
  const free = images.filter((image) => image.State === 'available' && isNobodys(image.Tags));
  const adopted = free.flatMap((image) => {
    const resource = instanceNamed(image.Tags) ?? image.SourceInstanceId;
    if (!resource || !image.ImageId) return [];
    const tags = { ...ownerTags(owned, resource), [TAG.created]: iso(image.CreationDate) };
    const point = pointOfImage({ ...image, Tags: tagList(tags) }, holds);
    return [{ point, ids: [image.ImageId, ...point.snapshotIds], tags }];
  });
  const used = new Set(
    images.flatMap(({ BlockDeviceMappings = [] }) => BlockDeviceMappings.map(({ Ebs }) => Ebs?.SnapshotId)),
  );
  const loose = snapshots.filter(
    ({ SnapshotId, State, Tags, Description = '' }) =>
      State === 'completed' &&
      isNobodys(Tags) &&
      !used.has(SnapshotId) &&
      !/\bami-[0-9a-f]+/.test(Description),
  );
  const instances = await instancesOfVolumes(
    ec2,
    loose.flatMap(({ VolumeId }) => VolumeId ?? []),
  );
  return [...adopted, ...setsOf(loose, instances).map((set) => adoptSet(set, owned, holds))];
}

/** Snapshots of one instance that were taken together. */
interface LooseSet {
  resource: string;
  members: Snapshot[];
}

function setsOf(loose: readonly Snapshot[], instances: ReadonlyMap<string, string>): LooseSet[] {
  const byTime = loose.toSorted((a, b) => startOf(a) - startOf(b));
  const sets: LooseSet[] = [];
  const open = new Map<string, LooseSet>();
  for (const snapshot of byTime) {
    const resource = instances.get(snapshot.VolumeId ?? '') ?? instanceNamed(snapshot.Tags);
    if (resource === undefined) continue;
    const set = open.get(resource);
    const [first] = set?.members ?? [];
    const fits =
      first !== undefined &&
      startOf(snapshot) - startOf(first) <= TOGETHER &&
      set?.members.every(({ VolumeId }) => VolumeId !== snapshot.VolumeId);
    if (set && fits) set.members.push(snapshot);
    else {
      const begun = { resource, members: [snapshot] };
      open.set(resource, begun);
      sets.push(begun);
    }
  }
  return sets;
}

function adoptSet(
  { resource, members }: LooseSet,
  owned: Owned,
  holds: { locked: Set<string>; sources: Set<string> },
): Adoption {
  const created = new Date(Math.min(...members.map(startOf))).toISOString();
  const set = `adopted-${created.replace(/[-:]|\.\d+/g, '')}/${resource}`;
  const tags = {
    ...ownerTags(owned, resource),
    [TAG.created]: created,
    [TAG.set]: set,
    [TAG.members]: String(members.length),
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

function isNobodys(tags: Image['Tags']): boolean {
  return tagValue(tags, TAG.deployment) === undefined;
}

/** The one instance that the tags name by its id, if they name one. */
function instanceNamed(tags: Image['Tags'] = []): string | undefined {
  const named = new Set(tags.flatMap(({ Value = '' }) => (/^i-[0-9a-f]{8,17}$/.test(Value) ? Value : [])));
  return named.size === 1 ? [...named][0] : undefined;
}

function startOf({ StartTime }: Snapshot): number {
  return StartTime?.getTime() ?? 0;
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
