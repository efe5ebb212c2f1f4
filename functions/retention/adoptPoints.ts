import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { TAG_TOKENS } from '../../shared/batch/captureTokens.ts';
import { afterBurst, newBucket, nextBurst, requestBucket, secondsToNextBurst } from '../../shared/bucket.ts';
import { sendBurst } from '../../shared/burst.ts';
import { byRegion } from '../../shared/clients.ts';
import { policy } from '../../shared/policy/policy.ts';
import { adoptable } from '../../shared/retention/adopt.ts';
import { tagRefusal } from '../../shared/retention/tagRefusal.ts';
import { tagList } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

/**
 * Makes images and snapshots of before this product, by the tags that the policy names, recovery points of the policy:
 * gives them its tags, as many as the request tokens allow now. What has an owner is never touched. `left` says how
 * many are still without one; 0 too when nothing went through, so that what AWS refuses is not tried for ever.
 */
export const adoptPoints = task({
  name: 'AdoptPoints',
  input: v.object({ policy, region: v.string(), bucket: v.optional(requestBucket) }),
  output: v.object({
    adopted: v.number(),
    left: v.number(),
    waitSeconds: v.number(),
    bucket: requestBucket,
    /** The first of them. */
    refused: v.array(v.string()),
    /** What is not adopted though it has the tags, and why: the first of them. No failure. */
    leftAlone: v.array(v.string()),
  }),
  aws: (settings) => ({ ec2: byRegion((region) => new EC2Client({ ...settings, region })) }),
  run: async ({ policy, region, bucket = newBucket(TAG_TOKENS, new Date(0)) }, { aws, now, config }) => {
    const ec2 = aws.ec2(region);
    const owned = { deployment: config.deployment, policy: policy.name };
    const found = policy.adopt && (await adoptable(ec2, policy.adopt.tags, owned));
    const { adoptions, leftAlone } = found ?? { adoptions: [], leftAlone: [] };
    const burst = nextBurst(bucket, adoptions.length, now());
    const sent = await sendBurst(adoptions, burst, ({ ids, tags }) =>
      tagRefusal(ec2.send(new CreateTagsCommand({ Resources: ids, Tags: tagList(tags) }))),
    );
    const refused = sent.answers.flatMap(({ item, result }) => (result ? `${item.point.id}: ${result}` : []));
    const adopted = sent.answers.length - refused.length;
    const left = adopted > 0 || sent.throttled ? sent.left.length : 0;
    const after = afterBurst(bucket, burst, sent, now());
    return {
      adopted,
      left,
      waitSeconds: secondsToNextBurst(after, left, now()),
      bucket: after,
      refused: refused.slice(0, 20),
      leftAlone: leftAlone.slice(0, 20),
    };
  },
});
