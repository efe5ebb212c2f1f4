/**
 * A policy run over 1,000 instances of 2 volumes in one Region, an image of each, which takes 24 to 36 minutes: the same
 * run six times, in an account of its own each time. `alone` is the second night of a fleet: the first has also read how
 * each instance was launched, once for each launch. The others are first nights.
 *
 * - `submitMakespanRatio`: seconds from the first CreateImage to the last that EC2 took, over the floor. EC2's bucket
 *   for it has 50 request tokens and gets 5 back each second: (1000 - 50) / 5 = 190 s. Beside a background caller that
 *   takes 2.5 of the 5 all the time, (1000 - 50) / 2.5 = 380 s. The worse of the two.
 * - `throttledShare`: calls that EC2 answered with RequestLimitExceeded, over all calls to EC2 that the run made; the
 *   worse of the two runs. `lost`: instances without a verified recovery point, in all six runs.
 * - `describeCallsPerBackup`: every EC2 Describe call of the backup, over 1,000: selection, looks, verification.
 *   `describeCallsWithRetention`: with those of the retention that follows in the same policy run, which reads all points
 *   again before it deletes, and once more for the sweep.
 *   `describeCallsFirstNight`: the same of a first night.
 * - `detectionLagP50`, `detectionLagWorst`: seconds from an image's `available` to the first look of the batch's machine
 *   after that. The worst of five runs: with progress that rises evenly, stands at 0, stands at 99, is empty, and with
 *   images of which half take the shortest time and half the longest.
 * - `dollarsPer1000`: state transitions and Lambda, requests and GB-seconds, of the whole policy run, at list price.
 *   `costRatio1000`: the same of the baseline (tests/bench/naive) over it.
 */
import type { Physics, ProgressKind } from '../../../local/account/physics.ts';
import type { Figures } from '../figure.ts';
import { detectionLags } from '../lags.ts';
import { median, quantile } from '../median.ts';
import { fleetWorld, pointsOf, runPolicy } from '../policyRun.ts';
import { orchestrationDollars, THROTTLED } from '../world.ts';

const INSTANCES = 1000;
const REGION = 'eu-west-1';
/** Seconds; see above. */
const FLOOR = 190;
const FLOOR_BESIDE = 380;
/** CreateImage calls a second of somebody else: half of what comes back. */
const BACKGROUND = 2.5;
const DAY = 86_400_000;
/** The functions of the retention that look at EC2. */
const RETENTION = /-(planRetention|sweepOrphans)$/;
const PROGRESS: readonly ProgressKind[] = ['zero', 'stuck99', 'empty', 'bimodal'];

export const needs = ['naive'];

export async function figures(known: Readonly<Record<string, number>>): Promise<Figures> {
  const alone = await measured({ snapshotProgress: 'steady' }, { firstNight: true });
  const beside = await measured({ snapshotProgress: 'steady' }, { background: BACKGROUND });
  const runs = [alone];
  for (const snapshotProgress of PROGRESS) runs.push(await measured({ snapshotProgress }));
  const ratio = alone.submitSeconds / FLOOR;
  const ratioBeside = beside.submitSeconds / FLOOR_BESIDE;
  const worst = (lags: (run: Measured) => number) => Math.max(...runs.map(lags));
  const naive = (key: string, unit: string) => `${(known[key] ?? Number.NaN).toPrecision(3)}${unit} naive`;
  return {
    submitMakespanRatio: {
      value: Math.max(ratio, ratioBeside),
      unit: '',
      what: `1,000 CreateImage over the floor: ${ratio.toFixed(3)}, beside a background caller ${ratioBeside.toFixed(3)}`,
      goal: { atMost: 1.05 },
      baseline: `1, the floor: ${FLOOR} s, ${FLOOR_BESIDE} s; ${naive('naiveSubmitSeconds', ' s')}`,
    },
    throttledShare: {
      value: Math.max(alone.throttledShare, beside.throttledShare),
      unit: '',
      what: 'throttled calls of all calls to EC2',
      goal: { atMost: 0.01 },
      baseline: naive('naiveThrottledShare', ''),
    },
    lost: {
      value: [...runs, beside].reduce((sum, run) => sum + run.lost, 0),
      unit: '',
      what: 'instances without a verified point, in six runs',
      goal: { atMost: 0 },
      baseline: naive('naiveLost', ''),
    },
    describeCallsPerBackup: {
      value: alone.describeCalls / INSTANCES,
      unit: '',
      what: 'Describe calls a backup',
      goal: { atMost: 0.05 },
      baseline: naive('naiveDescribeCallsPerBackup', ''),
    },
    describeCallsWithRetention: {
      value: alone.describeCallsOfRun / INSTANCES,
      unit: '',
      what: 'the same with those of the retention after it, which reads all points twice',
    },
    describeCallsFirstNight: {
      value: beside.describeCalls / INSTANCES,
      unit: '',
      what: 'the same when every instance is new: its user data is read once',
    },
    detectionLagP50: {
      value: worst((run) => run.lagP50),
      unit: 's',
      what: 'from available to noticed, median, worst of five kinds of progress',
      goal: { atMost: 20 },
      baseline: naive('naiveDetectionLagP50', ' s'),
    },
    detectionLagWorst: {
      value: worst((run) => run.lagWorst),
      unit: 's',
      what: 'from available to noticed, worst, of five kinds of progress',
      goal: { atMost: 60 },
      baseline: naive('naiveDetectionLagWorst', ' s'),
    },
    dollarsPer1000: {
      value: alone.dollars,
      unit: '$',
      what: 'orchestration of 1,000 backups',
      goal: { atMost: 0.01 },
      baseline: naive('naiveDollarsPer1000', ' $'),
    },
    dollarsFirstNight1000: {
      value: alone.dollarsFirstNight,
      unit: '$',
      what: 'the same when every instance is new',
    },
    costRatio1000: {
      value: (known.naiveDollarsPer1000 ?? 0) / alone.dollars,
      unit: '',
      what: "the baseline's dollars over ours",
      goal: { atLeast: 400 },
      baseline: '1',
    },
  };
}

type Measured = Awaited<ReturnType<typeof measured>>;

/** @param before what happens before the run that is measured: a first night, and somebody else who calls CreateImage. */
async function measured(
  physics: Partial<Physics>,
  before: { firstNight?: boolean; background?: number } = {},
) {
  const world = await fleetWorld({ [REGION]: INSTANCES }, { imageAvailable: [24 * 60, 36 * 60], ...physics });
  const { clock, meter } = world.local.account;
  world.ec2().callInBackground('CreateImage', before.background ?? 0);
  let dollarsFirstNight = 0;
  if (before.firstNight) {
    await runPolicy(world, 'nightly', 'night-1');
    dollarsFirstNight = orchestrationDollars(meter);
    await clock.sleep(DAY);
    world.calls.length = 0;
  }
  const bill = meter.start();
  const ended = await runPolicy(world, 'nightly', 'night');
  const calls = world.callsOf(/^ec2:/);
  const taken = calls.filter(({ operation, refused }) => operation === 'ec2:CreateImage' && !refused);
  const describes = calls.filter(({ operation }) => operation.startsWith('ec2:Describe'));
  const times = taken.map(({ at }) => at);
  const points = ended.status === 'SUCCEEDED' ? pointsOf(world, ended) : [];
  const lags = detectionLags(world, points);
  const result = {
    submitSeconds: (Math.max(...times) - Math.min(...times)) / 1000,
    throttledShare: calls.filter(({ refused }) => refused === THROTTLED).length / calls.length,
    lost: INSTANCES - points.length,
    describeCalls: describes.filter(({ caller }) => !RETENTION.test(caller)).length,
    describeCallsOfRun: describes.length,
    lagP50: median(lags),
    lagWorst: quantile(lags, 1),
    dollars: orchestrationDollars(bill),
    dollarsFirstNight,
  };
  await world.local.close();
  return result;
}
