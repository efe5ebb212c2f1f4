import { deletePoints } from '../../../functions/retention/deletePoints.ts';
import { planRetention } from '../../../functions/retention/planRetention.ts';
import { sweepOrphans } from '../../../functions/retention/sweepOrphans.ts';
import { deletionBuckets } from '../../../shared/retention/deletionBuckets.ts';
import type { Simulated } from '../simulated.ts';
import { nightly } from './retained.ts';

const region = 'eu-west-1';

/** What the policy's points are to become, as the plan says. */
export function planned(simulated: Simulated, policy = nightly({ days: 3 }), more: object = {}) {
  return simulated.run(planRetention, { runId: 'run-1', policy, region, dryRun: false, ...more });
}

/** Burst after burst, with the waits between them, until nothing is left. */
export async function deletedAll(simulated: Simulated, deletions: object, more: object = {}) {
  const since = simulated.now;
  let buckets: object | undefined;
  for (let bursts = 1; ; bursts++) {
    const burst = await simulated.run(deletePoints, {
      policy: 'nightly',
      region,
      deletions,
      since,
      limitSeconds: 3600,
      ...(buckets && { buckets }),
      ...more,
    });
    if (burst.left === 0)
      return { ...burst, bursts, seconds: (simulated.clock.now() - Date.parse(since)) / 1000 };
    buckets = burst.buckets;
    await simulated.pass(burst.waitSeconds);
  }
}

/** One burst of the sweep: all of it, unless `more` brings fewer tokens. */
export async function swept(simulated: Simulated, deletions: object, more: object = {}) {
  return await simulated.run(sweepOrphans, {
    runId: 'run-1',
    policy: 'nightly',
    region,
    deletions,
    since: simulated.now,
    limitSeconds: 3600,
    bucket: deletionBuckets(new Date(simulated.clock.now())).snapshots,
    ...more,
  });
}

/** A plan's lines by id: the rule, after `- ` for what is to go. */
export const linesOf = (list: { decisions: { id: string; keep: boolean; rule: string }[] }) =>
  Object.fromEntries(list.decisions.map(({ id, keep, rule }) => [id, `${keep ? '' : '- '}${rule}`]));
