import {
  DescribeImageAttributeCommand,
  DescribeSnapshotAttributeCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';
import { unlessNotFound } from '../awsErrors.ts';
import { sendBurst } from '../burst.ts';
import { Throttled } from '../errors.ts';
import type { Point } from './point.ts';

/**
 * Ids of the points that other accounts may use, as a whole or one of their snapshots. Nothing that lists images or
 * snapshots tells it: each is a call of its own, so that only what is about to be deleted is asked for.
 * @throws Throttled when AWS refuses one
 */
export async function sharedAmong(ec2: EC2Client, points: readonly Point[]): Promise<Set<string>> {
  const images = points.filter(({ kind }) => kind === 'ami').map(({ id }) => id);
  const shared = await sharedOf(images, (id) => isImageShared(ec2, id));
  // Those of an image that is shared need not be asked for: they count as shared with it.
  const open = points.filter(({ id }) => !shared.has(id));
  const ids = open.flatMap(({ snapshotIds }) => snapshotIds);
  const snapshots = await sharedSnapshots(ec2, [...new Set(ids)]);
  for (const { id, snapshotIds } of open) if (snapshotIds.some((one) => snapshots.has(one))) shared.add(id);
  return shared;
}

/** Those of the snapshots that other accounts may use. @throws Throttled when AWS refuses one */
export async function sharedSnapshots(ec2: EC2Client, ids: readonly string[]): Promise<Set<string>> {
  return await sharedOf(ids, (id) => isSnapshotShared(ec2, id));
}

async function sharedOf(
  ids: readonly string[],
  isShared: (id: string) => Promise<boolean>,
): Promise<Set<string>> {
  const { answers, throttled } = await sendBurst(ids, { sure: ids.length, more: 0 }, isShared);
  if (throttled) throw new Throttled('AWS refused to say who else may use the points; nothing was deleted');
  return new Set(answers.flatMap(({ item, result }) => (result ? item : [])));
}

async function isImageShared(ec2: EC2Client, ImageId: string): Promise<boolean> {
  const asked = ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }));
  const found = await unlessNotFound(asked, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable');
  return (found?.LaunchPermissions ?? []).length > 0;
}

async function isSnapshotShared(ec2: EC2Client, SnapshotId: string): Promise<boolean> {
  const asked = ec2.send(
    new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' }),
  );
  const found = await unlessNotFound(asked, 'InvalidSnapshot.NotFound');
  return (found?.CreateVolumePermissions ?? []).length > 0;
}
