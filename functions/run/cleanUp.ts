import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { endOf, openLines, type Remainder, remainder } from '../../shared/cleanup.ts';
import { elapsedSince, lookInput, lookOutput } from '../../shared/look.ts';
import { nextWait } from '../../shared/pacing.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { settleLine } from '../../shared/removal/settleLine.ts';
import { takeUp } from '../../shared/removal/takeUp.ts';
import { deleteStaged, stagedKeys } from '../../shared/stagedObjects.ts';
import { task } from '../../shared/task.ts';

/**
 * Removes what a run made and was not told to keep, by its ledger: one round over everything that is left, to be
 * repeated until `ready`. One thing that stays does not keep the others from going; after the limit it is `remaining`.
 */
export const cleanUp = task({
  name: 'CleanUp',
  input: v.object({ runId, ...lookInput }),
  output: v.object({ ...lookOutput, remaining: v.array(remainder), removed: v.number() }),
  aws: (settings) => ({
    ec2: new EC2Client(settings),
    dynamodb: new DynamoDBClient(settings),
    s3: new S3Client(settings),
  }),
  run: async ({ runId, since, limitSeconds }, { aws, now, config }) => {
    const at = now();
    const elapsed = elapsedSince(since, at);
    const context = { ...aws, config, now: at, runId };
    const remaining: Remainder[] = [];
    const waitedFor: string[] = [];
    for (const line of openLines(await takeUp(context))) {
      const left = await settleLine(line, elapsed, context);
      if (left) remaining.push(left);
      else if (line.resourceId) waitedFor.push(endOf(line.kind, line.resourceId));
    }
    const staged = await stagedKeys(aws.s3, config.stagingBucket, runId);
    for (const { key, reason } of await deleteStaged(aws.s3, config.stagingBucket, staged))
      remaining.push({ kind: 'object', key, reason });
    const ready = remaining.length === 0 || elapsed > limitSeconds;
    const looked = { ready, waitSeconds: nextWait(elapsed), waitedFor, since, lookedAt: at.toISOString() };
    return { ...looked, remaining, removed: waitedFor.length };
  },
});
