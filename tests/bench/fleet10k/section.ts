/**
 * One policy run over 10,000 instances of 2 volumes in three Regions: 5,000, 3,000 and 2,000, an image of each, which
 * takes 24 to 36 minutes. It is a first night.
 *
 * - `fleet10kMakespanRatio`: seconds from the first CreateImage of the largest Region to the last that EC2 took, over the
 *   floor of its bucket, the busiest: (5000 - 50) / 5 = 990 s.
 * - `fleet10kCostRatio`: orchestration dollars an instance, over those of the first night of 1,000 instances
 *   (`dollarsFirstNight1000`).
 * - `fleet10kPeakHeapMB`: the most heap that the process uses in which account, interpreter and machines run, looked at
 *   20 times a second, in 1,000,000 bytes. Its limit is 512 MB, so that a run that needs more is broken. The functions
 *   run in threads with heaps of their own, each under what Lambda gives it.
 */
import type { Figures } from '../figure.ts';
import { fleetWorld, pointsOf, runPolicy } from '../policyRun.ts';
import { orchestrationDollars } from '../world.ts';

const REGIONS = { 'eu-west-1': 5000, 'us-east-1': 3000, 'ap-southeast-2': 2000 };
const INSTANCES = 10_000;
/** The Region with the busiest bucket, and its floor in seconds; see above. */
const BUSIEST = 'eu-west-1';
const FLOOR = 990;

export const needs = ['thousand'];
export const heapMegabytes = 512;

export async function figures(known: Readonly<Record<string, number>>): Promise<Figures> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }, 50);
  const world = await fleetWorld(REGIONS, { imageAvailable: [24 * 60, 36 * 60] });
  const ended = await runPolicy(world, 'nightly', 'night');
  clearInterval(watch);
  if (ended.status !== 'SUCCEEDED') throw new Error(`the run ended ${ended.status}: ${ended.cause}`);
  const points = pointsOf(world, ended).length;
  if (points !== INSTANCES) throw new Error(`${points} points of ${INSTANCES} instances`);
  const calls = world.callsOf(/^ec2:CreateImage$/);
  const times = calls.filter((one) => one.region === BUSIEST && !one.refused).map(({ at }) => at);
  const perInstance = orchestrationDollars(world.local.account.meter) / INSTANCES;
  const perInstanceOf1000 = (known.dollarsFirstNight1000 ?? Number.NaN) / 1000;
  await world.local.close();
  return {
    fleet10kMakespanRatio: {
      value: (Math.max(...times) - Math.min(...times)) / 1000 / FLOOR,
      unit: '',
      what: '10,000 instances in 3 Regions: CreateImage of the largest over the floor',
      goal: { atMost: 1.1 },
      baseline: `1, the floor: ${FLOOR} s`,
    },
    fleet10kCostRatio: {
      value: perInstance / perInstanceOf1000,
      unit: '',
      what: 'orchestration dollars an instance, over those at 1,000',
      goal: { atMost: 1 },
      baseline: `${perInstanceOf1000.toPrecision(3)} $ an instance at 1,000`,
    },
    fleet10kPeakHeapMB: {
      value: peak / 1e6,
      unit: 'MB',
      what: 'peak heap of the same run, simulated account included',
      goal: { atMost: 512 },
    },
  };
}
