import { BatchWriteItemCommand, DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { countsOf } from '../../shared/batch/batch.ts';
import { readBatch } from '../../shared/batch/batchStore.ts';
import { indexWrites, lockReleases, locksInDoubt } from '../../shared/batch/closing.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { Throttled } from '../../shared/errors.ts';
import { giveLockBack } from '../../shared/lock.ts';
import { task } from '../../shared/task.ts';

/** Writes of one BatchWriteItem call, at most: DynamoDB's limit. */
const WRITES = 25;

/**
 * Writes the verified points of a batch to the index, and gives the locks of its instances back. @returns how many of
 * its instances have a verified point now.
 */
export const closeBatch = task({
  name: 'CloseBatch',
  input: v.object({ batch: batchReference }),
  output: v.object({
    region: v.string(),
    name: v.string(),
    verified: v.number(),
    failed: v.number(),
  }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings), s3: new S3Client(settings) }),
  run: async ({ batch: reference }, { aws, now, config }) => {
    const batch = await readBatch(aws.s3, config.stagingBucket, reference);
    await writeAll(aws.dynamodb, config.pointsTable, indexWrites(batch));
    await writeAll(aws.dynamodb, config.runsTable, lockReleases(batch, now()));
    const { runId } = batch;
    for (const resource of locksInDoubt(batch))
      await giveLockBack(aws.dynamodb, config.runsTable, { runId, resource });
    const { verified, failed } = countsOf(batch.items);
    return { region: batch.region, name: batch.name, verified, failed };
  },
});

/** @throws Throttled when DynamoDB left something: a repeat writes the same again. */
async function writeAll(dynamodb: DynamoDBClient, table: string, writes: WriteRequest[]): Promise<void> {
  for (let at = 0; at < writes.length; at += WRITES) {
    const RequestItems = { [table]: writes.slice(at, at + WRITES) };
    const { UnprocessedItems = {} } = await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    const left = Object.values(UnprocessedItems).flat().length;
    if (left > 0) throw new Throttled(`DynamoDB left ${left} of ${writes.length} writes to ${table}`);
  }
}
