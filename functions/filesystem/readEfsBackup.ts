import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { backupRun, CLOSING } from '../../shared/efs/efsRun.ts';
import { efsResource, generationAt } from '../../shared/efs/names.ts';
import { startByPolicy } from '../../shared/efs/policyOfRun.ts';
import { policyName } from '../../shared/policy/policy.ts';
import { strictObject } from '../../shared/strictObject.ts';
import { task } from '../../shared/task.ts';

/** Completes the input of a backup by its policy. @throws InvalidInput, ResourceNotFound: see startByPolicy */
export const readEfsBackup = task({
  name: 'efs-backup',
  input: v.object({
    input: strictObject({
      policy: policyName,
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: v.optional(v.string()),
    }),
    executionName: v.string(),
    executionArn: v.string(),
    startedAt: v.string(),
  }),
  output: backupRun,
  aws: (settings) => ({
    ssm: new SSMClient(settings),
    autoScaling: new AutoScalingClient(settings),
    dynamodb: new DynamoDBClient(settings),
  }),
  run: async ({ input, ...execution }, { aws, config }) => {
    const { policy, run } = await startByPolicy(aws, input.policy, execution, config);
    const { Count = 0 } = await aws.dynamodb.send(
      new QueryCommand({
        TableName: config.pointsTable,
        KeyConditionExpression: '#resource = :resource',
        ExpressionAttributeNames: { '#resource': 'resource' },
        ExpressionAttributeValues: marshall({ ':resource': efsResource(input.policy) }),
        Limit: 1,
      }),
    );
    return {
      ...run,
      generation: generationAt(new Date(run.startedAt)),
      initialise: Count === 0 ? ('yes' as const) : ('no' as const),
      sourceSentinel: encodeURI(policy.sourceSentinel ?? ''),
      allowEmpty: policy.allowEmpty ? ('yes' as const) : ('no' as const),
      copySeconds: run.windowSeconds - CLOSING,
      keep: policy.keep,
      maxDeletions: policy.maxDeletions,
      timezone: policy.schedule?.timezone ?? 'UTC',
    };
  },
});
