import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import type { Policy } from '../policy/policy.ts';
import type { VolumeFacts } from '../recoveryPoint.ts';
import { TAG, tagValue } from '../tags.ts';
import { imageFaults, snapshotsOf } from '../verification.ts';
import { type BatchItem, failed } from './batch.ts';
import type { Captures } from './captures.ts';
import { setFaults } from './setFaults.ts';

/**
 * An item as verified, with the ids of all that its point is made of, or as failed with everything that is wrong. Of
 * one that failed after its capture, such as an instance that did not start again, the point is judged by itself.
 */
export function verifyItem(item: BatchItem, captures: Captures, policy: Policy): BatchItem {
  if (item.state === 'captured') return judge(item, captures, policy);
  const ids = idsOf(item, captures);
  if (item.state !== 'failed' || ids.length === 0) return item;
  if (!item.failedLate) return { ...item, ids, point: 'failed' };
  const { point, snapshots } = judge({ ...item, pointId: item.pointId ?? ids[0] }, captures, policy);
  return { ...item, ids, pointId: item.pointId ?? ids[0], point, snapshots };
}

/** Everything that the captures of an instance have made. */
function idsOf({ instanceId }: BatchItem, { images, snapshots }: Captures): string[] {
  const own = [...images.values()].filter((image) => tagValue(image.Tags, TAG.resource) === instanceId);
  return [
    ...own.flatMap(({ ImageId }) => ImageId ?? []),
    ...(snapshots.get(instanceId) ?? []).flatMap(({ SnapshotId }) => SnapshotId ?? []),
  ];
}

function judge(item: BatchItem, captures: Captures, policy: Policy): BatchItem {
  const { pointId = '', volumes, rootDeviceName } = item;
  const snapshots = captures.snapshots.get(item.instanceId) ?? [];
  const found = snapshots.flatMap(({ SnapshotId }) => SnapshotId ?? []);
  if (policy.capture === 'snapshots')
    return judged(item, setFaults(snapshots, volumes), { snapshots, ids: found });
  const image = captures.images.get(pointId);
  if (!image)
    return { ...failed(item, `image ${pointId} is not there any more`), ids: found, point: 'failed' };
  const ids = [pointId, ...found];
  const fault = stateFault(image, snapshots, volumes);
  return judged(item, fault ? [fault] : imageFaults(image, snapshots, { rootDeviceName, volumes }), {
    snapshots,
    ids,
  });
}

function stateFault(
  image: Image,
  snapshots: readonly Snapshot[],
  volumes: readonly VolumeFacts[],
): string | undefined {
  if (image.State === 'pending') return `${image.ImageId} is still pending${progressOf(snapshots, volumes)}`;
  if (image.State !== 'failed') return undefined;
  return `${image.ImageId} failed: ${image.StateReason?.Message ?? 'EC2 gives no reason'}`;
}

function judged(
  item: BatchItem,
  faults: string[],
  made: { snapshots: Snapshot[]; ids: string[] },
): BatchItem {
  if (faults.length > 0) return { ...failed(item, faults.join('; ')), ids: made.ids, point: 'failed' };
  const snapshots = snapshotsOf(made.snapshots, item.volumes);
  const { consistency = 'crash' } = item;
  return { ...item, state: 'verified', point: 'verified', ids: made.ids, snapshots, consistency };
}

/** Which snapshots an image waits for, as far as EC2 tells. */
function progressOf(snapshots: readonly Snapshot[], volumes: readonly VolumeFacts[]): string {
  const open = volumes.flatMap(({ volumeId, deviceName }) => {
    const snapshot = snapshots.find(({ VolumeId }) => VolumeId === volumeId);
    if (snapshot?.State === 'completed') return [];
    return [`${deviceName} ${snapshot?.Progress || (snapshot ? 'without progress' : 'not begun')}`];
  });
  return open.length > 0 ? ` (${open.join(', ')})` : '';
}
