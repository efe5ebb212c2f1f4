import type { Snapshot } from '@aws-sdk/client-ec2';
import { TAG, type Tag, tagValue } from '../tags.ts';

/** Snapshots of one instance that were taken together, and belong to nobody. */
export interface LooseSet {
  resource: string;
  members: Snapshot[];
  /** How many a complete one would have: more than there are when whoever took it stopped halfway. */
  wanted: number;
}

/** Snapshots of one instance within so many milliseconds are one set: older tools take volume after volume. */
const TOGETHER = 15 * 60_000;

/** A snapshot with the instance that it is of. */
interface Taken {
  snapshot: Snapshot;
  resource: string;
}

/**
 * The sets that completed snapshots of nobody are. A set lacks a volume if an earlier snapshot of its instance is of that
 * volume, and a later one is too or the volume is attached to the instance still. Of the newest set nobody knows whether
 * a volume was taken away for good: it lacks what the set before it has.
 * @param snapshots those of owners too, so that a set is compared with what was adopted earlier
 * @param instances those that volumes are attached to, by the volumes' ids
 */
export function looseSets(
  snapshots: readonly Snapshot[],
  instances: ReadonlyMap<string, string>,
): LooseSet[] {
  const taken = snapshots
    .flatMap((snapshot): Taken[] => {
      const resource = instances.get(snapshot.VolumeId ?? '') ?? instanceNamed(snapshot.Tags);
      return resource === undefined ? [] : [{ snapshot, resource }];
    })
    .sort((a, b) => startOf(a.snapshot) - startOf(b.snapshot));
  const byResource = Map.groupBy(taken, ({ resource }) => resource);
  return grouped(taken.filter(({ snapshot }) => isNobodys(snapshot.Tags))).map(({ resource, members }) => {
    const all = (byResource.get(resource) ?? []).map(({ snapshot }) => snapshot);
    return { resource, members, wanted: members.length + lacking(members, all, resource, instances) };
  });
}

function grouped(byTime: readonly Taken[]): Omit<LooseSet, 'wanted'>[] {
  const sets: Omit<LooseSet, 'wanted'>[] = [];
  const open = new Map<string, Omit<LooseSet, 'wanted'>>();
  for (const { snapshot, resource } of byTime) {
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

/** How many volumes a set lacks. @param all snapshots of its instance, by time */
function lacking(
  members: readonly Snapshot[],
  all: readonly Snapshot[],
  resource: string,
  instances: ReadonlyMap<string, string>,
): number {
  const begins = Math.min(...members.map(startOf));
  const ends = Math.max(...members.map(startOf));
  const own = volumesOf(members);
  const later = volumesOf(all.filter((each) => startOf(each) > ends));
  const earlier = all.filter((each) => startOf(each) < begins);
  const last = Math.max(...earlier.map(startOf));
  const justBefore = volumesOf(earlier.filter((each) => last - startOf(each) <= TOGETHER));
  const isThereStill = (volume: string) =>
    later.has(volume) || instances.get(volume) === resource || (later.size === 0 && justBefore.has(volume));
  return [...volumesOf(earlier)].filter((volume) => !own.has(volume) && isThereStill(volume)).length;
}

function volumesOf(snapshots: readonly Snapshot[]): Set<string> {
  return new Set(snapshots.flatMap(({ VolumeId }) => VolumeId ?? []));
}

/** Whether no deployment owns what has these tags. */
export function isNobodys(tags: readonly Tag[] | undefined): boolean {
  return tagValue(tags, TAG.deployment) === undefined;
}

/** The one instance that the tags name by its id, if they name one. */
export function instanceNamed(tags: readonly Tag[] = []): string | undefined {
  const named = new Set(tags.flatMap(({ Value = '' }) => (/^i-[0-9a-f]{8,17}$/.test(Value) ? Value : [])));
  return named.size === 1 ? [...named][0] : undefined;
}

/** When a snapshot began, in milliseconds. */
export function startOf({ StartTime }: Snapshot): number {
  return StartTime?.getTime() ?? 0;
}
