import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import type { SnapshotFacts, VolumeFacts } from './recoveryPoint.ts';

/** What an image of an instance must hold. */
export interface ExpectedImage {
  rootDeviceName: string;
  volumes: readonly VolumeFacts[];
}

/** Everything that keeps an image from being a recovery point of the instance; none means that it is one. */
export function imageFaults(image: Image, snapshots: readonly Snapshot[], expected: ExpectedImage): string[] {
  const faults: string[] = [];
  if (image.State !== 'available') faults.push(`the image is ${image.State ?? 'in no state'}`);
  if (image.RootDeviceName !== expected.rootDeviceName)
    faults.push(`its root device is ${image.RootDeviceName}, not ${expected.rootDeviceName}`);
  for (const volume of expected.volumes) {
    const fault = volumeFault(image, snapshots, volume);
    if (fault) faults.push(`${volume.deviceName} (${volume.volumeId}) ${fault}`);
  }
  return faults;
}

function volumeFault(image: Image, snapshots: readonly Snapshot[], volume: VolumeFacts): string | undefined {
  const mapping = image.BlockDeviceMappings?.find((device) => device.DeviceName === volume.deviceName);
  if (!mapping?.Ebs?.SnapshotId) return 'is not in the image';
  const snapshot = snapshots.find((candidate) => candidate.SnapshotId === mapping.Ebs?.SnapshotId);
  if (!snapshot) return `has snapshot ${mapping.Ebs.SnapshotId}, which is not there`;
  const id = snapshot.SnapshotId;
  if (snapshot.VolumeId !== volume.volumeId) return `has ${id}, a snapshot of ${snapshot.VolumeId}`;
  if (snapshot.State !== 'completed') return `has ${id}, which is ${snapshot.State}`;
  if (!snapshot.StartTime) return `has ${id}, which has no start time`;
  if (snapshot.VolumeSize !== volume.sizeGiB)
    return `has ${id} of ${snapshot.VolumeSize} GiB instead of ${volume.sizeGiB}`;
  if (volume.encrypted && snapshot.Encrypted !== true) return `is encrypted, but ${id} is not`;
  return undefined;
}

/** The facts of the snapshots that belong to the expected volumes, in the order of the volumes. */
export function snapshotsOf(
  snapshots: readonly Snapshot[],
  volumes: readonly VolumeFacts[],
): SnapshotFacts[] {
  return volumes.flatMap((volume) => {
    const snapshot = snapshots.find((candidate) => candidate.VolumeId === volume.volumeId);
    if (!snapshot?.SnapshotId || !snapshot.StartTime) return [];
    return [
      {
        snapshotId: snapshot.SnapshotId,
        volumeId: volume.volumeId,
        deviceName: volume.deviceName,
        sizeGiB: snapshot.VolumeSize ?? 0,
        encrypted: snapshot.Encrypted ?? false,
        startTime: snapshot.StartTime.toISOString(),
        ...(snapshot.CompletionTime ? { completedAt: snapshot.CompletionTime.toISOString() } : {}),
      },
    ];
  });
}
