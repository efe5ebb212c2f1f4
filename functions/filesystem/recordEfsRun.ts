import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Config } from '../../shared/config.ts';
import { anonymousFigures, postFigures } from '../../shared/efs/anonymousFigures.ts';
import { efsRun } from '../../shared/efs/efsRun.ts';
import { indexGenerations } from '../../shared/efs/generationIndex.ts';
import {
  efsFacts,
  efsResult,
  isToTell,
  messageOf,
  resultOf,
  workerFigures,
} from '../../shared/efs/report.ts';
import { parsed } from '../../shared/parsed.ts';
import { task } from '../../shared/task.ts';

/**
 * Writes what a run on EFS came to into the table of runs, the complete generations into the index of points, and
 * metrics; says whether somebody is to be told, and what. Anonymous figures go out only where the policy names an
 * endpoint, and what becomes of them changes nothing.
 */
export const recordEfsRun = task({
  name: 'RecordEfsRun',
  input: v.object({ operation: v.picklist(['backup', 'restore']), run: efsRun, facts: efsFacts }),
  output: v.object({
    result: efsResult,
    tell: v.boolean(),
    message: v.object({ subject: v.string(), text: v.string() }),
  }),
  aws: (settings) => ({
    dynamodb: new DynamoDBClient(settings),
    metrics: new Metrics({ namespace: 'backup-drill', serviceName: 'efs' }),
    post: postFigures,
  }),
  run: async ({ operation, run, facts }, { aws, now, config, log }) => {
    const worker = await workerOf(aws.dynamodb, run.runId, config);
    const result = resultOf(operation, run, facts, worker, now());
    await put(aws.dynamodb, config.runsTable, {
      ...result,
      id: run.runId,
      entry: 'run',
      kind: `efs-${operation}`,
      executionArn: run.executionArn,
    });
    if (facts.listed)
      await indexGenerations(aws.dynamodb, config.pointsTable, run.policy, facts.listed, facts.expired);
    aws.metrics.addDimension('deployment', config.deployment);
    aws.metrics.addDimension('policy', run.policy);
    aws.metrics.addMetric('EfsComplete', MetricUnit.Count, result.verdict === 'COMPLETE' ? 1 : 0);
    aws.metrics.addMetric('EfsRunSeconds', MetricUnit.Seconds, Number(result.kpis.runSeconds));
    aws.metrics.publishStoredMetrics();
    if (run.metricsEndpoint !== undefined) {
      const fault = await aws.post(run.metricsEndpoint, anonymousFigures(result));
      if (fault) log.warn(`figures were not sent: ${fault}`);
    }
    return { result, tell: isToTell(result.verdict, run.notify), message: messageOf(result) };
  },
});

async function workerOf(dynamodb: DynamoDBClient, runId: string, config: Config) {
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: config.runsTable,
      Key: marshall({ id: runId, entry: 'worker' }),
      ConsistentRead: true,
    }),
  );
  return parsed(workerFigures, Item ? unmarshall(Item) : {});
}

async function put(dynamodb: DynamoDBClient, TableName: string, item: object): Promise<void> {
  await dynamodb.send(
    new PutItemCommand({ TableName, Item: marshall(item, { removeUndefinedValues: true }) }),
  );
}
