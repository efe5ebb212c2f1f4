import { AwsError } from '../service.ts';
import type { Inventory } from './inventory.ts';

/** What people have put on images and snapshots so that they stay, or so that others may use them. */
export class Holds {
  /** Snapshots under Snapshot Lock. */
  readonly locked = new Set<string>();
  /** Images that are protected from deregistration. */
  readonly protected = new Set<string>();
  /** Accounts that may use an image or a snapshot, by its id. */
  readonly sharedWith = new Map<string, string[]>();
}

/**
 * @throws AwsError when a snapshot is locked. AWS documents that a locked snapshot cannot be deleted, but no code for
 * it: code and words are from memory.
 */
export function checkUnlocked(ec2: Inventory, snapshotId: string): void {
  if (ec2.holds.locked.has(snapshotId))
    throw new AwsError(
      'OperationNotPermitted',
      `The snapshot '${snapshotId}' is locked and cannot be deleted.`,
    );
}

/** @throws AwsError when an image is protected from deregistration; code and words are from memory, as above. */
export function checkUnprotected(ec2: Inventory, imageId: string): void {
  if (ec2.holds.protected.has(imageId))
    throw new AwsError(
      'OperationNotPermitted',
      `Image '${imageId}' cannot be deregistered: deregistration protection is enabled.`,
    );
}
