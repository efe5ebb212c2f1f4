import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { listKey, readList, writeList } from '../../shared/batch/batchStore.ts';
import { requestBucket } from '../../shared/bucket.ts';
import { byRegion } from '../../shared/clients.ts';
import { elapsedSince, lookInput } from '../../shared/look.ts';
import { runId } from '../../shared/recoveryPoint.ts';
import { deletionList } from '../../shared/retention/deletions.ts';
import { listingClient } from '../../shared/retention/listingClient.ts';
import { findOrphans, orphanList } from '../../shared/retention/orphans.ts';
import { sweepBurst } from '../../shared/retention/sweepBurst.ts';
import { task } from '../../shared/task.ts';

const place = v.object({ bucket: v.string(), key: v.string() });

/**
 * Deletes one burst of a policy's snapshots that belong to no point any more. The first call looks for them, after the
 * deletions, without trusting what those say; later ones work off the list that it wrote.
 */
export const sweepOrphans = task({
  name: 'SweepOrphans',
  input: v.object({
    runId,
    policy: v.string(),
    region: v.string(),
    deletions: place,
    ...lookInput,
    /** As the last burst left it; unset before the first. */
    orphans: v.optional(place),
    bucket: requestBucket,
  }),
  output: v.object({
    left: v.number(),
    waitSeconds: v.number(),
    bucket: requestBucket,
    orphans: place,
  }),
  aws: (settings) => ({
    ec2: byRegion((region) => new EC2Client({ ...settings, region })),
    lists: byRegion((region) => listingClient({ ...settings, region })),
    s3: new S3Client(settings),
  }),
  run: async (input, { aws, now, config }) => {
    const { policy, region, since, limitSeconds } = input;
    const [at, ec2] = [now(), aws.ec2(region)];
    const orphans = input.orphans ?? {
      bucket: config.stagingBucket,
      key: listKey(input.runId, `retention-${region}-orphans`),
    };
    const find = async () => {
      const { done } = await readList(aws.s3, input.deletions, deletionList);
      const widowed = new Set(done.flatMap(({ snapshotsLeft = [] }) => snapshotsLeft));
      const owned = { deployment: config.deployment, policy };
      return await findOrphans(aws.lists(region), owned, { widowed, region, now: at });
    };
    const list = input.orphans
      ? await readList(aws.s3, orphans, orphanList)
      : { left: await find(), done: [] };
    const tooLate = elapsedSince(since, at) > limitSeconds;
    const swept = await sweepBurst(ec2, list, input.bucket, now, { region, tooLate });
    await writeList(aws.s3, orphans, swept.list);
    return {
      left: swept.list.left.length,
      waitSeconds: swept.waitSeconds,
      bucket: swept.bucket,
      orphans,
    };
  },
});
