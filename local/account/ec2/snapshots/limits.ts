import { AwsError } from '../../service.ts';
import type { Inventory } from '../inventory.ts';
import type { VolumeItem } from '../volumes/volume.ts';

/** Snapshots of one volume that may be pending at a time: of the types named, one; of all others, five. */
const MOST_PENDING = 5;
const ONE_PENDING = ['st1', 'sc1'];

/** Milliseconds between two snapshots of one volume, which AWS's list of error codes asks for. */
const BETWEEN_SNAPSHOTS = 15_000;

/**
 * Checks whether a volume may have one more snapshot pending.
 * @throws AwsError ConcurrentSnapshotLimitExceeded
 */
export function checkPending(ec2: Inventory, volumeId: string): void {
  const pending = ec2.snapshots.having('volume-id', volumeId).filter(({ data }) => data.State === 'pending');
  const type = ec2.volumes.peek(volumeId)?.data.VolumeType ?? '';
  if (pending.length >= (ONE_PENDING.includes(type) ? 1 : MOST_PENDING))
    throw new AwsError(
      'ConcurrentSnapshotLimitExceeded',
      'Maximum allowed in-progress snapshots for a single volume exceeded.',
    );
}

/**
 * Checks whether a volume's latest snapshot was long enough ago.
 * @throws AwsError SnapshotCreationPerVolumeRateExceeded
 */
export function checkRate(ec2: Inventory, { latestSnapshot }: VolumeItem): void {
  if (latestSnapshot !== undefined && ec2.now < latestSnapshot + BETWEEN_SNAPSHOTS)
    throw new AwsError(
      'SnapshotCreationPerVolumeRateExceeded',
      'The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
    );
}

/** Checks whether the account may have so many more snapshots in the Region. @throws AwsError SnapshotLimitExceeded */
export function checkSnapshotQuota(ec2: Inventory, more: number): void {
  const has = ec2.snapshots.count('owner-id', ec2.account.id);
  if (has + more > ec2.account.physics.snapshotsPerRegion)
    throw new AwsError('SnapshotLimitExceeded', 'Maximum allowed active snapshot limit exceeded.');
}
