import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adoptPoints } from '../../../functions/retention/adoptPoints.ts';
import { TAG } from '../../../shared/tags.ts';
import { Simulated } from '../simulated.ts';
import { DAY, images, listAt, nightly, seed, snapshots } from './retained.ts';
import { deletedAll, planned } from './retaining.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const region = 'eu-west-1';
const instanceId = 'i-00000000000000001';
const policy = nightly({ count: 1 }, { adopt: { tags: { old: 'yes' } } });
const adopt = () => simulated.run(adoptPoints, { policy, region });

/** A snapshot as a script of before takes it, with the instance's id in a tag. */
function scriptTakes(daysAgo: number, volumes: string[]): string[] {
  return volumes.flatMap((volumeId) => {
    const at = simulated.clock.now() - daysAgo * DAY;
    const tags = { old: 'yes', Instance: instanceId };
    const capture = 'snapshots' as const;
    const [ids] = simulated.ec2.seedPoints([
      { capture, instanceId, at, tags, volumes: [{ volumeId, size: 8 }] },
    ]);
    return ids?.snapshotIds ?? [];
  });
}

/** What a retention says of each set of the policy, in the order of time. */
async function retention(): Promise<string[]> {
  const { plan, deletions } = await planned(simulated, policy);
  const { decisions } = await listAt(simulated, plan);
  await deletedAll(simulated, deletions);
  const byTime = decisions.sort((a: { createdAt: string }, b: { createdAt: string }) =>
    a.createdAt < b.createdAt ? -1 : 1,
  );
  return byTime.map(({ keep, rule }: { keep: boolean; rule: string }) => `${keep ? '' : '- '}${rule}`);
}

describe('sets of snapshots of a script', () => {
  const [root, data, log] = ['vol-00000000000000001', 'vol-00000000000000002', 'vol-00000000000000003'];
  const incomplete = 'verified, but incomplete: kept until somebody looks at it';

  test('that died halfway are incomplete, and the complete one before them stays', async () => {
    const gone = scriptTakes(9, [root, data]);
    const half = scriptTakes(8, [root]);
    const complete = scriptTakes(7, [root, data, log]);
    await adopt();
    const halfToo = scriptTakes(1, [data]);
    await adopt();
    expect(await retention()).toEqual(['- not the newest', incomplete, 'the newest', incomplete]);
    const there = (await snapshots(simulated)).map(({ id }) => id);
    expect(there.sort()).toEqual([...half, ...complete, ...halfToo].sort());
    expect(there).not.toContain(gone[0]);
  });

  test('of a volume that was taken away for good are complete from the second on', async () => {
    scriptTakes(9, [root, data]);
    scriptTakes(8, [root]);
    await adopt();
    const last = scriptTakes(7, [root]);
    await adopt();
    expect(await retention()).toEqual(['- not the newest', incomplete, 'the newest']);
    expect((await snapshots(simulated)).map(({ id }) => id)).toContain(last[0]);
  });
});

describe('images', () => {
  const mine = { [TAG.deployment]: undefined, [TAG.policy]: undefined, [TAG.status]: undefined, old: 'yes' };
  const snapshotOf = async (ImageId: string, at = 0): Promise<string> => {
    const { Images } = await simulated.call('ec2', 'DescribeImages', { ImageIds: [ImageId] });
    return Images[0].BlockDeviceMappings[at].Ebs.SnapshotId;
  };

  test('of which a snapshot belongs to another deployment are left alone, and that fails nothing', async () => {
    const [set = '', image = '', free = ''] = seed(simulated, [
      { daysAgo: 9, capture: 'snapshots', tags: { [TAG.deployment]: 'backup-drill-other' } },
      { daysAgo: 8, tags: mine },
      { daysAgo: 7, tags: mine },
    ]);
    const [theirs] = (await snapshots(simulated)).filter(({ tags }) => tags[TAG.set] === set);
    simulated.ec2.useSnapshot(image, theirs?.id ?? '');
    const leftAlone = [`${image}: its snapshot ${theirs?.id} belongs to backup-drill-other`];
    expect(await adopt()).toMatchObject({ adopted: 1, left: 0, refused: [], leftAlone });
    expect(await adopt()).toMatchObject({ adopted: 0, left: 0, refused: [], leftAlone });
    const ours = (await snapshots(simulated)).filter(({ tags }) => tags[TAG.policy] === 'nightly');
    expect(ours.map(({ id }) => id)).toEqual(
      expect.arrayContaining([await snapshotOf(free), await snapshotOf(free, 1)]),
    );
    expect(ours.filter(({ tags }) => tags[TAG.deployment] === 'backup-drill-test')).toHaveLength(2);
    expect(await images(simulated)).toHaveLength(2);
  });

  test('that share a snapshot: one is adopted, the other is left alone', async () => {
    const [first = '', second = ''] = seed(simulated, [
      { daysAgo: 8, tags: mine },
      { daysAgo: 7, tags: mine },
    ]);
    const shared = await snapshotOf(first);
    simulated.ec2.useSnapshot(second, shared);
    expect(await adopt()).toMatchObject({
      adopted: 1,
      refused: [],
      leftAlone: [
        expect.stringMatching(new RegExp(`^ami-[0-9a-f]+: its snapshot ${shared} belongs to ami-`)),
      ],
    });
    expect(await adopt()).toMatchObject({
      adopted: 0,
      refused: [],
      leftAlone: [expect.stringMatching(new RegExp(`its snapshot ${shared} belongs to backup-drill-test$`))],
    });
  });
});
