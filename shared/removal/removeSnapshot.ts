import { DeleteSnapshotCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { isNamed, unlessNotFound } from '../awsErrors.ts';
import { foreign, type Remover } from './removal.ts';

/** Deletes a snapshot of an image that this run made; one that an image still uses is tried again later. */
export const removeSnapshot: Remover = async (id, context) => {
  const found = await unlessNotFound(
    context.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] })),
    'InvalidSnapshot.NotFound',
  );
  const snapshot = found?.Snapshots?.[0];
  if (!snapshot) return { state: 'missing' };
  const reason = foreign(snapshot.Tags, context);
  if (reason) return { state: 'stuck', reason };
  try {
    await context.ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
    return { state: 'gone' };
  } catch (error) {
    if (isNamed(error, 'InvalidSnapshot.InUse')) return { state: 'going' };
    throw error;
  }
};
