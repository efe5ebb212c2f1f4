import type { Snapshot } from '@aws-sdk/client-ec2';
import type { Policy } from '../policy/policy.ts';
import type { VolumeFacts } from '../recoveryPoint.ts';
import { imageFaults, snapshotsOf } from '../verification.ts';
import { type BatchItem, failed } from './batch.ts';
import type { Captures } from './captures.ts';
import { setFaults } from './setFaults.ts';

/** An item as verified, with the ids of all that its point is made of, or as failed with everything that is wrong. */
export function verifyItem(item: BatchItem, captures: Captures, policy: Policy): BatchItem {
  const { pointId = '', volumes, rootDeviceName } = item;
  const snapshots = captures.snapshots.get(item.instanceId) ?? [];
  const found = snapshots.flatMap(({ SnapshotId }) => SnapshotId ?? []);
  if (policy.capture === 'snapshots')
    return judged(item, setFaults(snapshots, volumes), { snapshots, ids: found });
  const image = captures.images.get(pointId);
  if (!image) return failed(item, `image ${pointId} is not there any more`);
  const ids = [pointId, ...found];
  if (image.State === 'pending')
    return { ...failed(item, `${pointId} is still pending${progressOf(snapshots, volumes)}`), ids };
  const why = image.State === 'failed' && image.StateReason?.Message;
  if (why) return { ...failed(item, `${pointId} failed: ${why}`), ids };
  return judged(item, imageFaults(image, snapshots, { rootDeviceName, volumes }), { snapshots, ids });
}

function judged(
  item: BatchItem,
  faults: string[],
  made: { snapshots: Snapshot[]; ids: string[] },
): BatchItem {
  if (faults.length > 0) return { ...failed(item, faults.join('; ')), ids: made.ids };
  const snapshots = snapshotsOf(made.snapshots, item.volumes);
  return { ...item, state: 'verified', ids: made.ids, snapshots, consistency: item.consistency ?? 'crash' };
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
