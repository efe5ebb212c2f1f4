import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { batchesOf, listKey, writeList } from '../../shared/batch/batchStore.ts';
import { keep } from '../../shared/evidenceStore.ts';
import { fleetCounts, regionOutcome, retentionOutcome } from '../../shared/fleet.ts';
import { messageOf } from '../../shared/fleetMessage.ts';
import { fleetReport } from '../../shared/fleetReport.ts';
import { instant } from '../../shared/instant.ts';
import { policy } from '../../shared/policy/policy.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/** Failures, and warnings, that the machine's output and the record name; the report names all. */
const NAMED = 20;

/**
 * Writes what a run of a policy came to: the whole report as evidence, a line in the table of runs, metrics; and says
 * what is to be told to whom. Returns the machine's output. A dry run leaves its report in the staging bucket only.
 */
export const reportRun = task({
  name: 'ReportRun',
  input: v.object({
    runId,
    policy,
    executionArn: v.string(),
    startedAt: instant,
    regions: v.array(regionOutcome),
    retention: retentionOutcome,
    dryRun: v.boolean(),
  }),
  output: v.object({
    status: v.picklist(['complete', 'incomplete']),
    counts: fleetCounts,
    /** The first of them. */
    failures: v.array(v.string()),
    warnings: v.array(v.string()),
    report: v.object({ bucket: v.string(), key: v.string() }),
    /** Undefined when the policy wants nobody to hear of this. */
    message: v.optional(v.object({ subject: v.string(), text: v.string() })),
    retention: retentionOutcome,
  }),
  aws: (settings) => ({
    dynamodb: new DynamoDBClient(settings),
    s3: new S3Client(settings),
    metrics: new Metrics({ namespace: 'backup-drill', serviceName: 'policy-run' }),
  }),
  run: async (input, { aws, now, config }) => {
    const batches = await batchesOf(aws.s3, config.stagingBucket, input.runId, input.regions);
    const report = fleetReport(input, batches, config, now());
    const { status, counts } = report;
    const failures = report.failures.slice(0, NAMED);
    const warnings = report.warnings.slice(0, NAMED);
    const told = { status, counts, failures, warnings, retention: input.retention };
    if (input.dryRun) {
      const plan = { bucket: config.stagingBucket, key: listKey(input.runId, 'report') };
      await writeList(aws.s3, plan, report);
      return { ...told, report: plan };
    }
    const place = {
      bucket: config.evidenceBucket,
      key: `runs/${input.startedAt.slice(0, 10)}/${input.runId}.json`,
    };
    await keep(aws.s3, place, `${JSON.stringify(report, null, 2)}\n`);
    const item = {
      id: input.runId,
      entry: 'run',
      kind: 'policy',
      policy: input.policy.name,
      executionArn: input.executionArn,
      startedAt: input.startedAt,
      finishedAt: report.finishedAt,
      verdict: status,
      counts,
      failures,
      warnings,
      evidence: place,
    };
    await aws.dynamodb.send(new PutItemCommand({ TableName: config.runsTable, Item: marshall(item) }));
    aws.metrics.addDimension('deployment', config.deployment);
    aws.metrics.addDimension('policy', input.policy.name);
    aws.metrics.addMetric('PointsMade', MetricUnit.Count, counts.verified);
    aws.metrics.addMetric('PointsMissing', MetricUnit.Count, counts.failed);
    aws.metrics.publishStoredMetrics();
    const message = messageOf(report, input.policy.notify, place);
    return { ...told, report: place, ...(message && { message }) };
  },
});
