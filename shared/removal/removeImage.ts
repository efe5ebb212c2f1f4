import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { DeregisterImageCommand, type Image } from '@aws-sdk/client-ec2';
import { marshall } from '@aws-sdk/util-dynamodb';
import { findImage } from '../imageFacts.ts';
import { gone, intend, made } from '../ledger.ts';
import { TAG, tagValue } from '../tags.ts';
import { foreign, type RemovalContext, type Remover } from './removal.ts';

/**
 * Deregisters an image that this run made, with its snapshots, and drops it from the index of points. The ledger gets
 * a line for each snapshot first, since those that EC2 does not delete with the image go one by one afterwards.
 */
export const removeImage: Remover = async (id, context) => {
  const image = await findImage(context.ec2, id);
  if (!image) return { state: 'missing' };
  const reason = foreign(image.Tags, context);
  if (reason) return { state: 'stuck', reason };
  const { dynamodb, runId, config } = context;
  const table = config.runsTable;
  for (const snapshot of snapshotIdsOf(image)) {
    const line = { runId, kind: 'snapshot' as const, key: snapshot };
    await intend(dynamodb, table, { ...line, keep: false });
    await made(dynamodb, table, { ...line, id: snapshot });
  }
  await forget(image, context);
  const { DeleteSnapshotResults } = await context.ec2.send(
    new DeregisterImageCommand({ ImageId: id, DeleteAssociatedSnapshots: true }),
  );
  for (const { ReturnCode, SnapshotId } of DeleteSnapshotResults ?? []) {
    if (ReturnCode !== 'success' || !SnapshotId) continue;
    await gone(dynamodb, table, { runId, kind: 'snapshot', key: SnapshotId, now: context.now });
  }
  // A pending image may get snapshots that were not listed yet; the run looks for them by their tag for a while.
  return { state: image.State === 'pending' ? 'missing' : 'gone' };
};

function snapshotIdsOf(image: Image): string[] {
  return (image.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []);
}

async function forget(image: Image, { dynamodb, config }: RemovalContext): Promise<void> {
  const resource = tagValue(image.Tags, TAG.resource);
  if (!resource || !image.ImageId) return;
  const Key = marshall({ resource, pointId: image.ImageId });
  await dynamodb.send(new DeleteItemCommand({ TableName: config.pointsTable, Key }));
}
