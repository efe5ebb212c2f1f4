import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { listKey, writeList } from '../../shared/batch/batchStore.ts';
import { byRegion } from '../../shared/clients.ts';
import { policy } from '../../shared/policy/policy.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { adoptable } from '../../shared/retention/adopt.ts';
import { decide } from '../../shared/retention/decide.ts';
import { listingClient } from '../../shared/retention/listingClient.ts';
import { countPlan, deletionsOf, planCounts, planLines } from '../../shared/retention/plan.ts';
import { existingInstances, readPoints } from '../../shared/retention/readPoints.ts';
import { task } from '../../shared/task.ts';

/**
 * Decides for every recovery point of a policy in one Region, by the tags that it has now, whether it stays, and writes
 * the decisions with their reasons, and what is to go, to the staging bucket. Changes nothing in EC2; with `dryRun`
 * what the policy would adopt is planned for as if it were adopted.
 */
export const planRetention = task({
  name: 'PlanRetention',
  input: v.object({ runId, policy, region: v.string(), dryRun: v.boolean() }),
  output: v.object({
    region: v.string(),
    counts: planCounts,
    /** In the staging bucket: `{ decisions: PlanLine[] }`, and `{ left: Deletion[], done: [] }`. */
    plan: v.object({ bucket: v.string(), key: v.string() }),
    deletions: v.object({ bucket: v.string(), key: v.string() }),
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    lists: byRegion((region) => listingClient({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ runId, policy, region, dryRun }, { aws, now, config }) => {
    const lists = aws.lists(region);
    const owned = { deployment: config.deployment, policy: policy.name };
    const points = await readPoints(lists, owned, region);
    if (dryRun && policy.adopt) {
      const { adoptions } = await adoptable(aws.ec2(region), policy.adopt.tags, owned);
      points.push(...adoptions.map(({ point }) => point));
    }
    const instances = await existingInstances(lists);
    const decisions = decide(points, {
      ...owned,
      keep: policy.keep,
      timeZone: policy.schedule?.timezone ?? 'UTC',
      now: now(),
      instances,
    });
    const bucket = config.stagingBucket;
    const plan = { bucket, key: listKey(runId, `retention-${region}`) };
    const deletions = { bucket, key: listKey(runId, `retention-${region}-deletions`) };
    await writeList(aws.s3, plan, { runId, policy: policy.name, region, decisions: planLines(decisions) });
    await writeList(aws.s3, deletions, { left: deletionsOf(decisions), done: [] });
    return { region, counts: countPlan(decisions, instances), plan, deletions };
  },
});
