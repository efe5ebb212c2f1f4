/**
 * `planSeconds`: wall time of the dry run of a policy, as `backup-drill plan` starts it, over 1,000 instances with 50
 * recovery points each in one Region: 50,000 images of 2 snapshots. The median of three. The simulated account's own time
 * is in it; no call may change anything, or the section is broken.
 */
import type { Figures } from '../figure.ts';
import { formerPoints } from '../formerPoints.ts';
import { median } from '../median.ts';
import { FLEET_TAGS, putPolicy } from '../policyRun.ts';
import { BenchWorld } from '../world.ts';

const INSTANCES = 1000;
const DAYS = Array.from({ length: 50 }, (_, day) => day + 1);
const CHANGES = /^ec2:(?!Describe)/;

export async function figures(): Promise<Figures> {
  const world = await BenchWorld.start({ seed: 1 });
  const ec2 = world.ec2();
  const instances = ec2.seedFleet({ count: INSTANCES, tags: FLEET_TAGS });
  ec2.seedPoints(formerPoints(world, 'nightly', instances, DAYS));
  putPolicy(world, 'nightly', {
    capture: 'ami',
    consistency: 'none',
    keep: { daily: 7, weekly: 4, monthly: 12 },
    maxDeletions: { percent: 100 },
  });
  const machine = world.local.refs.PolicyRunStateMachine ?? '';
  const plan = async (runId: string) => {
    const began = performance.now();
    const ended = await world.end(await world.begin(machine, runId, { policy: 'nightly', dryRun: true }));
    if (ended.status !== 'SUCCEEDED') throw new Error(`the plan ended ${ended.status}: ${ended.cause}`);
    return (performance.now() - began) / 1000;
  };
  const seconds = median([await plan('plan-1'), await plan('plan-2'), await plan('plan-3')]);
  const changes = world.callsOf(CHANGES);
  if (changes.length > 0) throw new Error(`a plan called ${changes[0]?.operation}`);
  await world.local.close();
  return {
    planSeconds: {
      value: seconds,
      unit: 's',
      what: 'plan over 50,000 recovery points of 2 snapshots, wall time',
      goal: { atMost: 5 },
    },
  };
}
