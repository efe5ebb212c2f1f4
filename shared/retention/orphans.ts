import type { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { TAG, tagValue } from '../tags.ts';
import { LEFTOVER_HOURS } from './decide.ts';
import {
  imagesOf,
  lockedSnapshots,
  type Owned,
  ownedFilters,
  snapshotsOf,
  sourcesOfCopies,
} from './readPoints.ts';

/** What became of a snapshot that belongs to no point any more. */
export const orphanOutcome = v.object({
  id: v.string(),
  /** As of a deletion. */
  result: v.picklist(['deleted', 'gone', 'kept', 'refused']),
  reason: v.optional(v.string()),
});

/** Orphans of one Region that are still to go, and what has become of the rest. */
export const orphanList = v.object({ left: v.array(v.string()), done: v.array(orphanOutcome) });
export type OrphanList = v.InferOutput<typeof orphanList>;

/**
 * Ids of the policy's snapshots that belong neither to an image that exists nor to a set. Young ones are left alone,
 * since the image that they are being made for may not be listed yet, but for those that have just lost theirs. One that
 * is locked or being copied, or that was of a set before somebody took that tag away, is no orphan.
 * @param widowed snapshots whose image was deregistered a moment ago
 */
export async function findOrphans(
  ec2: EC2Client,
  owned: Owned,
  { widowed, region, now }: { widowed: ReadonlySet<string>; region: string; now: Date },
): Promise<string[]> {
  const needed = new Set([...(await lockedSnapshots(ec2)), ...(await sourcesOfCopies(ec2, region))]);
  for await (const images of imagesOf(ec2, ownedFilters(owned)))
    for (const { BlockDeviceMappings = [] } of images)
      for (const { Ebs } of BlockDeviceMappings) if (Ebs?.SnapshotId) needed.add(Ebs.SnapshotId);
  const orphans: string[] = [];
  for await (const snapshots of snapshotsOf(ec2, ownedFilters(owned)))
    for (const { SnapshotId, StartTime, Tags } of snapshots) {
      if (!SnapshotId || needed.has(SnapshotId)) continue;
      if ([TAG.set, TAG.members, TAG.copying].some((key) => tagValue(Tags, key) !== undefined)) continue;
      const hours = (now.getTime() - (StartTime?.getTime() ?? now.getTime())) / 3_600_000;
      if (hours > LEFTOVER_HOURS || widowed.has(SnapshotId)) orphans.push(SnapshotId);
    }
  return orphans;
}
