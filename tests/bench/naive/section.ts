/**
 * The baseline: a machine as it is written first (naive.asl.yml), one execution an instance, in the same account with the
 * same template deployed beside it, for 1,000 instances of 2 volumes whose images take 24 to 36 minutes.
 *
 * All 1,000 are started at once, as fast as StartExecution allows (800, then 150 a second). Its dollars are its state
 * transitions, retries among them; it has no functions. A lag is the time from the image's `available` to the end of its
 * execution. Throttled are the calls that EC2 answers with RequestLimitExceeded.
 *
 * The machine retries up to 100 times, and so loses nothing. With 12 attempts it loses 400 of 1,000: one look in 30 s each
 * is 33 calls a second, DescribeImages has 20, and exactly the 600 remain that these are enough for.
 */
import type { Figures } from '../figure.ts';
import { median, quantile } from '../median.ts';
import { BenchWorld, orchestrationDollars, THROTTLED } from '../world.ts';
import { deployNaive } from './deployNaive.ts';

const INSTANCES = 1000;
/** StartExecution: how many at once, and how many a second after that. */
const STARTS = { burst: 800, refill: 150 };

export async function figures(): Promise<Figures> {
  const world = await BenchWorld.start({ seed: 1, physics: { imageAvailable: [24 * 60, 36 * 60] } });
  const machine = await deployNaive(world.local);
  const instances = world.ec2().seedFleet({ count: INSTANCES });
  const { clock, timeline } = world.local.account;
  const startedAt = clock.now();
  const running: Promise<string>[] = [];
  for (const [at, instanceId] of instances.entries()) {
    if (at >= STARTS.burst && (at - STARTS.burst) % STARTS.refill === 0) await clock.sleep(1000);
    running.push(world.begin(machine, `naive-${at}`, { instanceId }));
  }
  const arns = await Promise.all(running);
  const ends = await Promise.all(arns.map((arn) => world.end(arn)));
  const done = ends.filter(({ status }) => status === 'SUCCEEDED');
  const lags = done.map(({ output, endedAt }) => {
    const available = timeline.at(`${output.imageId}:available`);
    if (available === undefined) throw new Error(`${output.imageId} was never available`);
    return (endedAt - available) / 1000;
  });
  const histories = await Promise.all(arns.slice(0, 100).map((arn) => world.history(arn)));
  const calls = world.callsOf(/^ec2:/);
  const creates = calls.filter(({ operation, refused }) => operation.endsWith('CreateImage') && !refused);
  const describes = calls.filter(({ operation }) => operation.startsWith('ec2:Describe'));
  const throttled = calls.filter(({ refused }) => refused === THROTTLED);
  const submitted = Math.max(...creates.map(({ at }) => at)) - startedAt;
  await world.local.close();
  const figure = (value: number, unit: string, what: string) => ({ value, unit, what });
  return {
    naiveDollarsPer1000: figure(
      orchestrationDollars(world.local.account.meter),
      '$',
      'naive: orchestration of 1,000 backups',
    ),
    naiveSubmitSeconds: figure(submitted / 1000, 's', 'naive: from the start to the last CreateImage'),
    naiveDescribeCallsPerBackup: figure(describes.length / INSTANCES, '', 'naive: Describe calls a backup'),
    naiveThrottledShare: figure(throttled.length / calls.length, '', 'naive: throttled calls of all calls'),
    naiveLost: figure(INSTANCES - done.length, '', 'naive: executions that did not succeed'),
    naiveDetectionLagP50: figure(median(lags), 's', 'naive: from available to noticed, median'),
    naiveDetectionLagWorst: figure(quantile(lags, 1), 's', 'naive: from available to noticed, worst'),
    naiveHistoryEvents: figure(
      Math.max(...histories.map((events) => events.length)),
      '',
      'naive: events of an execution, most of the first 100',
    ),
  };
}
