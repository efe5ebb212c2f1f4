import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { workerFigures } from '../../shared/efs/report.ts';
import { parsed } from '../../shared/parsed.ts';
import { task } from '../../shared/task.ts';

const KEPT = 90 * 24 * 3600; // seconds; the run's own record has what matters of it

/** Keeps what a worker has left, for the record of the run whose lock it worked under. */
export const keepFigures = task({
  name: 'KeepFigures',
  input: v.object({
    runId: v.pipe(v.string(), v.minLength(1)),
    instanceId: v.string(),
    logsKey: v.string(),
    stopped: v.looseObject({
      phase: v.string(),
      kpis: v.nullish(v.record(v.string(), v.unknown())),
      logBytes: v.number(),
    }),
  }),
  output: workerFigures,
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings) }),
  run: async ({ runId, instanceId, logsKey, stopped }, { aws, now, config }) => {
    const { phase, kpis, logBytes } = stopped;
    const left = parsed(workerFigures, {
      phase,
      kpis,
      ...(logBytes > 0 && { logs: { bucket: config.stagingBucket, key: logsKey } }),
    });
    const expires = Math.floor(now().getTime() / 1000) + KEPT;
    await aws.dynamodb.send(
      new PutItemCommand({
        TableName: config.runsTable,
        Item: marshall(
          { id: runId, entry: 'worker', instanceId, expires, ...left },
          { removeUndefinedValues: true },
        ),
      }),
    );
    return left;
  },
});
