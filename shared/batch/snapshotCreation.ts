import {
  CreateSnapshotsCommand,
  type CreateSnapshotsCommandInput,
  DescribeSnapshotsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { NotYetListed } from '../errors.ts';
import { TAG } from '../tags.ts';

/** Seconds for which lists and tag filters may not show what was made. */
const LISTS_LAG = 90;

/**
 * Begins the snapshots of an instance, or finds those that an earlier try began: CreateSnapshots takes no client token.
 * @param asked `attemptedAt`: when an earlier try was about to ask, if one was
 * @returns their ids. @throws NotYetListed while those of an earlier try might not be listed yet.
 */
export async function createOrFindSnapshots(
  ec2: EC2Client,
  asked: {
    pointId: string;
    request: CreateSnapshotsCommandInput;
    attemptedAt?: string | undefined;
    now: Date;
  },
): Promise<string[]> {
  const { pointId, request, attemptedAt, now } = asked;
  if (attemptedAt !== undefined) {
    const Filters = [{ Name: `tag:${TAG.set}`, Values: [pointId] }];
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters }));
    if (Snapshots.length > 0) return idsOf(Snapshots);
    if (now.getTime() - Date.parse(attemptedAt) < LISTS_LAG * 1000)
      throw new NotYetListed(`snapshots of ${pointId} may exist, but are not listed yet`);
  }
  const { Snapshots = [] } = await ec2.send(new CreateSnapshotsCommand(request));
  return idsOf(Snapshots);
}

function idsOf(snapshots: readonly { SnapshotId?: string | undefined }[]): string[] {
  return snapshots.flatMap(({ SnapshotId }) => SnapshotId ?? []);
}
