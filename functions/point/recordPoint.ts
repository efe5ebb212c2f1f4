import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { recoveryPoint, runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Writes a verified recovery point to the index. The tags stay the truth: the index can be dropped and made again. */
export const recordPoint = task({
  name: 'RecordPoint',
  input: v.object({ runId, policy: v.optional(v.string()), recoveryPoint }),
  output: v.object({ recoveryPoint }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings) }),
  run: async ({ runId, policy, recoveryPoint }, { aws, config }) => {
    const item = {
      ...recoveryPoint,
      pointId: recoveryPoint.imageId,
      runId,
      status: 'verified',
      ...(policy ? { policy } : {}),
    };
    await aws.dynamodb.send(
      new PutItemCommand({
        TableName: config.pointsTable,
        Item: marshall(item, { removeUndefinedValues: true }),
      }),
    );
    return { recoveryPoint };
  },
});
