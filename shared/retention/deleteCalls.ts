import { DeleteSnapshotCommand, DeregisterImageCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { isNamed, isThrottling } from '../awsErrors.ts';

/** What a call to delete one thing came to; a refusal of one never keeps another. */
export interface Deleted {
  result: 'deleted' | 'gone' | 'kept' | 'refused';
  reason?: string;
  snapshotsLeft?: string[];
}

/** Deregisters an image with its snapshots. @throws what asks for patience */
export async function deregister(ec2: EC2Client, ImageId: string): Promise<Deleted> {
  try {
    const { DeleteSnapshotResults = [] } = await ec2.send(
      new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }),
    );
    const left = DeleteSnapshotResults.filter(({ ReturnCode }) => ReturnCode !== 'success');
    if (left.length === 0) return { result: 'deleted' };
    const words = left.map(({ SnapshotId, ReturnCode }) => `${SnapshotId} ${ReturnCode}`);
    return {
      result: 'deleted',
      reason: `of its snapshots stay: ${words.join(', ')}`,
      // One that another image uses is that image's business.
      snapshotsLeft: left.flatMap(({ SnapshotId, ReturnCode }) =>
        SnapshotId && ReturnCode !== 'skipped' ? SnapshotId : [],
      ),
    };
  } catch (error) {
    return refusal(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable');
  }
}

/** Deletes one snapshot; one that somebody's image uses stays, and is no failure. @throws what asks for patience */
export async function deleteSnapshot(ec2: EC2Client, SnapshotId: string): Promise<Deleted> {
  try {
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    return { result: 'deleted' };
  } catch (error) {
    if (isNamed(error, 'InvalidSnapshot.InUse'))
      return { result: 'kept', reason: `in use: ${wordsOf(error)}` };
    return refusal(error, 'InvalidSnapshot.NotFound');
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What AWS says against one deletion, as data; not found is as good as done. */
function refusal(error: unknown, ...notFound: string[]): Deleted {
  if (isThrottling(error) || !(error instanceof Error)) throw error;
  if (isNamed(error, ...notFound)) return { result: 'gone' };
  return { result: 'refused', reason: `${error.name}: ${error.message}` };
}
