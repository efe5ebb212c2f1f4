import type { Snapshot } from '@aws-sdk/client-ec2';
import type { VolumeFacts } from '../recoveryPoint.ts';

/** Seconds by which the answers of one call may differ; two calls for one volume are 15 apart at least. */
const ONE_CALL = 5;

/** Everything that keeps a set of snapshots from being a recovery point of these volumes; none means that it is one. */
export function setFaults(snapshots: readonly Snapshot[], volumes: readonly VolumeFacts[]): string[] {
  const faults = volumes.flatMap((volume) => {
    const own = snapshots.filter(({ VolumeId }) => VolumeId === volume.volumeId);
    const fault = faultOf(own, volume);
    return fault ? [`${volume.deviceName} (${volume.volumeId}) ${fault}`] : [];
  });
  // They are of one moment only if one call began them all.
  const moments = snapshots.map(({ StartTime }) => StartTime?.getTime() ?? 0);
  const apart = (Math.max(...moments) - Math.min(...moments)) / 1000;
  if (apart > ONE_CALL)
    faults.push(`its snapshots begin ${Math.round(apart)} seconds apart, so that no one call made them`);
  return faults;
}

function faultOf([snapshot, ...more]: readonly Snapshot[], volume: VolumeFacts): string | undefined {
  if (!snapshot) return 'is in no snapshot';
  const id = snapshot.SnapshotId;
  if (more.length > 0) return `is in ${more.length + 1} snapshots of one run`;
  if (snapshot.State !== 'completed') {
    const why = snapshot.StateMessage ? `: ${snapshot.StateMessage}` : '';
    return `has ${id}, which is ${snapshot.State}${why}`;
  }
  if (snapshot.VolumeSize !== volume.sizeGiB)
    return `has ${id} of ${snapshot.VolumeSize} GiB instead of ${volume.sizeGiB}`;
  if (volume.encrypted && snapshot.Encrypted !== true) return `is encrypted, but ${id} is not`;
  return undefined;
}
