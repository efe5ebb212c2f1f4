import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { keep } from '../../shared/evidenceStore.ts';
import { instant } from '../../shared/instant.ts';
import { policy } from '../../shared/policy/policy.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { retainedRegion, retentionReport } from '../../shared/retention/report.ts';
import { readRegion } from '../../shared/retention/reportFiles.ts';
import { task } from '../../shared/task.ts';

/**
 * Writes what a retention came to, each deletion with its rule, as evidence, and a line in the table of runs. Returns
 * the machine's output.
 */
export const reportRetention = task({
  name: 'ReportRetention',
  input: v.object({
    runId,
    policy,
    executionArn: v.string(),
    startedAt: instant,
    regions: v.array(retainedRegion),
  }),
  output: v.object({
    status: v.picklist(['complete', 'incomplete']),
    counts: v.object({
      points: v.number(),
      deleted: v.number(),
      kept: v.number(),
      refused: v.number(),
      orphans: v.number(),
    }),
    /** The first of them. */
    failures: v.array(v.string()),
    report: v.object({ bucket: v.string(), key: v.string() }),
  }),
  aws: (settings) => ({ dynamodb: new DynamoDBClient(settings), s3: new S3Client(settings) }),
  run: async ({ runId, policy, executionArn, startedAt, regions }, { aws, now, config }) => {
    const read = await Promise.all(regions.map((region) => readRegion(aws.s3, region)));
    const finishedAt = now().toISOString();
    const report = retentionReport({ runId, policy: policy.name, startedAt, finishedAt }, read, config);
    const place = {
      bucket: config.evidenceBucket,
      key: `runs/${startedAt.slice(0, 10)}/${runId}-retention.json`,
    };
    await keep(aws.s3, place, `${JSON.stringify(report, null, 2)}\n`);
    const { status, counts } = report;
    const failures = report.failures.slice(0, 20);
    const item = {
      id: runId,
      entry: 'retention',
      kind: 'retention',
      policy: policy.name,
      executionArn,
      startedAt,
      finishedAt,
      verdict: status,
      counts,
      failures,
      evidence: place,
    };
    await aws.dynamodb.send(new PutItemCommand({ TableName: config.runsTable, Item: marshall(item) }));
    return { status, counts, failures, report: place };
  },
});
