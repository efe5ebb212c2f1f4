import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { drillResult, runFailure } from '../../shared/drillFacts.ts';
import { task } from '../../shared/task.ts';

const evidence = v.object({ bucket: v.string(), key: v.string(), sha256: v.string() });

/**
 * Writes what a drill came to into the table of runs, and as metrics. A failure that came after the verdict, such as
 * evidence that could not be written, leaves no PASS. Returns what it wrote: the machine's output.
 */
export const recordRun = task({
  name: 'RecordRun',
  input: v.object({
    executionArn: v.string(),
    result: drillResult,
    evidence: v.optional(evidence),
    failure: v.optional(runFailure),
  }),
  output: v.object({ ...drillResult.entries, evidence: v.optional(evidence) }),
  aws: (settings) => ({
    dynamodb: new DynamoDBClient(settings),
    metrics: new Metrics({ namespace: 'backup-drill', serviceName: 'dr-drill' }),
  }),
  run: async ({ executionArn, result, evidence, failure }, { aws, now, config }) => {
    const spoilt = result.verdict === 'PASS' && (failure !== undefined || evidence === undefined);
    const written = {
      ...result,
      verdict: spoilt ? ('INCONCLUSIVE' as const) : result.verdict,
      finishedAt: now().toISOString(),
      ...(evidence ? { evidence } : {}),
      ...(failure ? { failure } : {}),
    };
    const item = { ...written, id: result.runId, entry: 'run', kind: 'drill', executionArn };
    await aws.dynamodb.send(
      new PutItemCommand({
        TableName: config.runsTable,
        Item: marshall(item, { removeUndefinedValues: true }),
      }),
    );
    aws.metrics.addDimension('deployment', config.deployment);
    aws.metrics.addMetric('DrillPassed', MetricUnit.Count, written.verdict === 'PASS' ? 1 : 0);
    if (result.rto) aws.metrics.addMetric('RtoSeconds', MetricUnit.Seconds, result.rto.seconds);
    if (result.rpo) aws.metrics.addMetric('RpoSeconds', MetricUnit.Seconds, result.rpo.seconds);
    aws.metrics.publishStoredMetrics();
    return written;
  },
});
