import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { Batch } from '../../shared/batch/batch.ts';
import { writeBatch, writeLaunches } from '../../shared/batch/batchStore.ts';
import { attachedVolumes, listInstances } from '../../shared/batch/inventory.ts';
import { batchLaunches } from '../../shared/batch/launches.ts';
import { planBatches } from '../../shared/batch/planBatches.ts';
import { batchReference } from '../../shared/batch/reference.ts';
import { itemOf, selectTargets } from '../../shared/batch/targets.ts';
import { byRegion } from '../../shared/clients.ts';
import { UnsupportedTarget } from '../../shared/errors.ts';
import { askedOfOwnRegion } from '../../shared/policy/ownRegion.ts';
import { policy } from '../../shared/policy/policy.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Finds the instances of a Region that a policy selects, and writes them to the staging bucket in batches, with how
 * each was launched. Changes nothing in EC2. @throws UnsupportedTarget where the policy asks for what another Region's
 * stage has to do.
 */
export const selectInstances = task({
  name: 'SelectInstances',
  input: v.object({ runId, policy, region: v.string(), accountId: v.string(), dryRun: v.boolean() }),
  output: v.object({
    region: v.string(),
    /** Instances that the policy selects. */
    selected: v.number(),
    /** Those that it names by their ids, but that are not here; they may be in another of its Regions. */
    missing: v.array(v.string()),
    batches: v.array(
      v.object({
        ...batchReference.entries,
        count: v.number(),
        /** Seconds after the run's captures begin, when the batches before it have used their request tokens. */
        afterSeconds: v.number(),
        /** Request tokens that EC2's bucket has when its turn comes. */
        tokens: v.number(),
      }),
    ),
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async ({ runId, policy, region, accountId, dryRun }, { aws, config }) => {
    const asked = askedOfOwnRegion(policy);
    if (region !== config.region && asked.length > 0)
      throw new UnsupportedTarget(
        `policy ${policy.name} asks for ${asked.join(', ')}, which this stage can only do in ${config.region}; deploy a stage in ${region} for its instances, and take ${region} out of select.regions here, or set consistency: none without documents and validate`,
      );
    const ec2 = aws.ec2(region);
    const all = await listInstances(ec2);
    const { instances, missing } = selectTargets(all, policy);
    const volumes = await attachedVolumes(ec2, instances, all);
    const items = instances.map((instance) => itemOf(instance, volumes, policy));
    const plans = planBatches(items, region, policy.capture);
    const launches = batchLaunches(instances, volumes);
    for (const { name, items } of plans) {
      const fingerprintKey = `points/batches/${runId}/${name}.launches.json`;
      const batch: Batch = { runId, policy, region, accountId, name, fingerprintKey, items };
      await writeBatch(aws.s3, config.stagingBucket, batch);
      const own = items.flatMap(({ instanceId }) => launches.get(instanceId) ?? []);
      if (!dryRun) await writeLaunches(aws.s3, config.stagingBucket, { runId, name }, own);
    }
    return {
      region,
      selected: items.length,
      missing,
      batches: plans.map(({ name, items, afterSeconds, tokens }) => ({
        runId,
        name,
        count: items.length,
        afterSeconds,
        tokens,
      })),
    };
  },
});
