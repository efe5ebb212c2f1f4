import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deletePoints } from '../../../functions/retention/deletePoints.ts';
import { planRetention } from '../../../functions/retention/planRetention.ts';
import { sweepOrphans } from '../../../functions/retention/sweepOrphans.ts';
import { AwsError, type Call } from '../../../local/account/service.ts';
import { deletionBuckets } from '../../../shared/retention/deletionBuckets.ts';
import { TAG } from '../../../shared/tags.ts';
import { Simulated } from '../simulated.ts';
import { listAt, nightly, seed } from './retained.ts';

/** Every call in test:full; every fifth, which is another one in each case, in npm test. */
const STRIDE = process.env.TEST_FULL === '1' ? 1 : 5;

let simulated: Simulated;
beforeAll(async () => {
  simulated = await Simulated.start({ throttling: false });
});
afterAll(() => simulated.close());

const region = 'eu-west-1';

/** How a function's process dies: at which of its calls, and whether AWS has still done what that call asked. */
interface Crash {
  at: number;
  after: boolean;
}

/** One retention of a policy, task by task, as the machine runs it. A task that dies is run again, or all of it is. */
class Run {
  readonly policy: string;
  readonly crash: Crash | undefined;
  readonly repeat: 'task' | 'run';
  calls = 0;
  #dead = false;
  /** Successful deletions by the id of the image or snapshot. */
  readonly deletions = new Map<string, number>();

  constructor(policy: string, crash?: Crash, repeat: 'task' | 'run' = 'task') {
    this.policy = policy;
    this.crash = crash;
    this.repeat = repeat;
  }

  /** From here on the calls of functions go through this run's crash. */
  install(): () => void {
    const { account } = simulated;
    const call = account.call.bind(account);
    account.call = (asked) => this.#through(asked, call);
    return () => {
      account.call = call;
    };
  }

  async #through(asked: Call, call: (asked: Call) => Promise<unknown>): Promise<unknown> {
    const died = () => new AwsError('Died', 'the process is gone');
    if (this.#dead) throw died();
    const dies = this.calls++ === this.crash?.at;
    this.#dead ||= dies;
    if (dies && !this.crash?.after) throw died();
    const answer = await call(asked);
    const { ImageId, SnapshotId } = asked.input;
    if (asked.operation === 'DeregisterImage') this.#count(ImageId);
    if (asked.operation === 'DeleteSnapshot') this.#count(SnapshotId);
    if (dies) throw died();
    return answer;
  }

  #count(id: string): void {
    this.deletions.set(id, (this.deletions.get(id) ?? 0) + 1);
  }

  /** A task, run again when it dies: by the machine's own Retry, or by whoever starts the machine again. */
  async #task<Output>(run: () => Promise<Output>): Promise<Output> {
    try {
      return await run();
    } catch (error) {
      if (!this.#dead) throw error;
      this.#dead = false;
      if (this.repeat === 'run') throw error;
      return await run();
    }
  }

  async once() {
    const policy = nightly({ days: 3 }, { name: this.policy });
    const plan = await this.#task(() =>
      simulated.run(planRetention, { runId: this.policy, policy, region, dryRun: false }),
    );
    const common = {
      policy: this.policy,
      region,
      deletions: plan.deletions,
      since: simulated.now,
      limitSeconds: 3600,
    };
    const few = { size: 2, refill: 1, tokens: 2, rate: 1, sinceEmpty: 0, at: simulated.clock.now() };
    let buckets = { images: { ...few }, snapshots: { ...few }, looks: { ...few, size: 100, tokens: 100 } };
    for (;;) {
      const burst = await this.#task(() => simulated.run(deletePoints, { ...common, buckets }));
      if (burst.left === 0) break;
      buckets = burst.buckets;
      await simulated.pass(burst.waitSeconds);
    }
    const bucket = deletionBuckets(new Date(simulated.clock.now())).snapshots;
    await this.#task(() => simulated.run(sweepOrphans, { ...common, runId: this.policy, bucket }));
    return plan;
  }

  async whole() {
    const restore = this.install();
    try {
      return await this.once().catch(() => this.once());
    } finally {
      restore();
    }
  }
}

/** What a case begins with: three images, two sets, an orphan, what a failed run left, and another deployment's. */
function begin(policy: string) {
  const tags = { [TAG.policy]: policy };
  const [young = '', , , , , orphan = '', , theirs = ''] = seed(simulated, [
    { daysAgo: 1, tags },
    { daysAgo: 5, tags },
    { daysAgo: 6, tags },
    {
      daysAgo: 1,
      tags: { ...tags, [TAG.set]: `${policy}-young/i-2` },
      capture: 'snapshots',
      resource: 'i-2',
    },
    {
      daysAgo: 5,
      tags: { ...tags, [TAG.set]: `${policy}-old/i-2` },
      capture: 'snapshots',
      resource: 'i-2',
      volumes: 3,
    },
    { daysAgo: 7, tags },
    { daysAgo: 8, tags: { ...tags, [TAG.status]: 'failed' } },
    { daysAgo: 9, tags: { ...tags, [TAG.deployment]: 'backup-drill-other' } },
  ]);
  return { young, youngSet: `${policy}-young/i-2`, orphan, theirs };
}

/** What is left of a policy: its images, and whose its snapshots are. */
async function left(policy: string) {
  const Filters = [{ Name: `tag:${TAG.policy}`, Values: [policy] }];
  const { Images } = await simulated.call('ec2', 'DescribeImages', { Filters });
  const { Snapshots } = await simulated.call('ec2', 'DescribeSnapshots', { Filters });
  const used = Images.flatMap((image: { BlockDeviceMappings: { Ebs: { SnapshotId: string } }[] }) =>
    image.BlockDeviceMappings.map(({ Ebs }) => Ebs.SnapshotId),
  );
  const loose = Snapshots.filter(({ SnapshotId }: { SnapshotId: string }) => !used.includes(SnapshotId));
  return {
    images: Images.map(({ ImageId }: { ImageId: string }) => ImageId),
    ofImages: used.length,
    loose: loose.map(
      ({ Tags }: { Tags: { Key: string; Value: string }[] }) =>
        Tags.find(({ Key }) => Key === TAG.set)?.Value,
    ),
  };
}

async function runWith(policy: string, crash?: Crash, repeat?: 'task' | 'run') {
  const { young, youngSet, orphan, theirs } = begin(policy);
  await simulated.call('ec2', 'DeregisterImage', { ImageId: orphan });
  const run = new Run(policy, crash, repeat);
  const { deletions } = await run.whole();
  // Nothing that was to go is left, nothing else is gone, and nothing was deleted twice.
  expect(await left(policy)).toEqual({
    images: [young, theirs],
    ofImages: 4,
    loose: [youngSet, youngSet],
  });
  for (const times of run.deletions.values()) expect(times).toBe(1);
  return { run, deletions };
}

describe('a retention whose process dies', () => {
  test('never: it makes some fifty calls', async () => {
    const { run, deletions } = await runWith('whole');
    expect(run.calls).toBeGreaterThan(40);
    expect([...run.deletions.values()]).toHaveLength(3 + 3 + 2); // images, the old set, the orphan's snapshots
    const { done } = await listAt(simulated, deletions);
    expect(done.map(({ result }: { result: string }) => result)).toEqual(Array(4).fill('deleted'));
  });

  const cases: [string, boolean, 'task' | 'run'][] = [
    ['before a call, and is repeated', false, 'task'],
    ['after a call, and is repeated', true, 'task'],
    ['before a call, and the run is started again', false, 'run'],
    ['after a call, and the run is started again', true, 'run'],
  ];
  test.each(cases)(
    '%s, whichever call it is',
    async (name, after, repeat) => {
      const calls = (await runWith(`count-${after}-${repeat}`)).run.calls;
      const first = cases.findIndex(([other]) => other === name) % STRIDE;
      for (let at = first; at < calls; at += STRIDE) {
        const { deletions } = await runWith(`crash-${at}-${after}-${repeat}`, { at, after }, repeat);
        const { left: nothing, done } = await listAt(simulated, deletions);
        expect(nothing).toEqual([]);
        // Each point is told of once, however often it was tried.
        const ids = done.map(({ id }: { id: string }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        if (repeat === 'task') expect(ids).toHaveLength(4);
      }
    },
    120_000,
  );
});
