/**
 * The retention of a policy with 1,000 instances, each with an expired image of 2 snapshots and a good one.
 *
 * `retentionMakespanRatio`: seconds from the first DeregisterImage to the last that EC2 took, over the floor. EC2's bucket
 * for it has 100 request tokens and gets 5 back each second: (1000 - 100) / 5 = 180 s. Every expired image and all of its
 * snapshots must be gone at the end, and every other one must be there, or the section is broken.
 */
import type { Figures } from '../figure.ts';
import { formerPoints } from '../formerPoints.ts';
import { putPolicy } from '../policyRun.ts';
import { BenchWorld, THROTTLED } from '../world.ts';

const INSTANCES = 1000;
/** Seconds; see above. */
const FLOOR = 180;

export async function figures(): Promise<Figures> {
  const world = await BenchWorld.start({ seed: 1 });
  const ec2 = world.ec2();
  const instances = ec2.seedFleet({ count: INSTANCES });
  ec2.seedPoints(formerPoints(world, 'nightly', instances, [1, 30]));
  putPolicy(world, 'nightly', { capture: 'ami', keep: { days: 7 }, maxDeletions: { percent: 50 } });
  const machine = world.local.refs.RetentionStateMachine ?? '';
  const ended = await world.end(await world.begin(machine, 'night', { policy: 'nightly' }));
  if (ended.status !== 'SUCCEEDED') throw new Error(`the retention ended ${ended.status}: ${ended.cause}`);
  const calls = world.callsOf(/^ec2:/);
  const { Images } = await world.call('ec2', 'DescribeImages', { Owners: ['self'] });
  const { Snapshots } = await world.call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'] });
  if (Images.length !== INSTANCES || Snapshots.length !== 2 * INSTANCES)
    throw new Error(`${Images.length} images and ${Snapshots.length} snapshots are left`);
  await world.local.close();
  const deletes = calls.filter(({ operation, refused }) => operation === 'ec2:DeregisterImage' && !refused);
  const times = deletes.map(({ at }) => at);
  return {
    retentionMakespanRatio: {
      value: (Math.max(...times) - Math.min(...times)) / 1000 / FLOOR,
      unit: '',
      what: 'retention of 1,000 expired AMIs of 2 snapshots, over the floor',
      goal: { atMost: 1.05 },
      baseline: `1, the floor: ${FLOOR} s`,
    },
    retentionThrottledShare: {
      value: calls.filter(({ refused }) => refused === THROTTLED).length / calls.length,
      unit: '',
      what: 'throttled calls of all calls to EC2 of the same run',
      goal: { atMost: 0.01 },
    },
  };
}
