import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { entries } from '../../shared/ledger.ts';
import { elapsedSince, lookInput, lookOutput } from '../../shared/look.ts';
import { nextWait } from '../../shared/pacing.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { lookUp } from '../../shared/resourceLookup.ts';
import { type Resource, resource, taggedResources } from '../../shared/runResources.ts';
import { stagedKeys } from '../../shared/stagedObjects.ts';
import { sweepFindings } from '../../shared/sweep.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks, without trusting the ledger, for anything that a run left behind: by the run's tag, by its staging prefix,
 * and, since lists lag, by every id that the ledger ever had. Changes nothing. `ready` once nothing is found, or when
 * the limit has passed: AWS may show for a while what is gone.
 */
export const sweepLeftovers = task({
  name: 'SweepLeftovers',
  input: v.object({ runId, ...lookInput }),
  output: v.object({
    ...lookOutput,
    leftovers: v.array(resource),
    disagreements: v.array(v.string()),
    /** How many things the ledger had. */
    ledger: v.number(),
  }),
  aws: (settings) => ({
    ec2: new EC2Client(settings),
    dynamodb: new DynamoDBClient(settings),
    s3: new S3Client(settings),
  }),
  run: async ({ runId, since, limitSeconds }, { aws, now, config }) => {
    const at = now();
    const ledger = await entries(aws.dynamodb, config.runsTable, runId);
    const known: Resource[] = [];
    for (const { kind, resourceId } of ledger) {
      const found = resourceId && (await lookUp(aws.ec2, kind, resourceId));
      if (found) known.push(found);
    }
    const staged = await stagedKeys(aws.s3, config.stagingBucket, runId);
    const tagged = await taggedResources(aws.ec2, runId);
    const objects = staged.map((id) => ({ kind: 'object' as const, id, state: 'stored' }));
    const { leftovers, disagreements } = sweepFindings(ledger, [...tagged, ...objects], known);
    const elapsed = elapsedSince(since, at);
    const ready = leftovers.length + disagreements.length === 0 || elapsed > limitSeconds;
    const looked = {
      ready,
      waitSeconds: nextWait(elapsed),
      waitedFor: [],
      since,
      lookedAt: at.toISOString(),
    };
    return { ...looked, leftovers, disagreements, ledger: ledger.length };
  },
});
