import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recordEfsRun } from '../../../functions/filesystem/recordEfsRun.ts';
import { Simulated } from '../simulated.ts';

const [OLDEST, OLDER, OLD, NEW] = [
  '20260101T010000Z',
  '20260102T010000Z',
  '20260103T010000Z',
  '20260104T010000Z',
];
const run = {
  runId: 'run-1',
  executionArn: 'arn',
  policy: 'home',
  group: 'workers',
  source: 'fs-1',
  destination: 'fs-2',
  folder: 'backup-drill/home',
  subnets: [],
  ownImage: false,
  startedAt: '2026-01-02T03:00:00.000Z',
  stopAt: '2026-01-02T04:45:00.000Z',
  windowEnd: '2026-01-02T05:00:00.000Z',
  windowSeconds: 7200,
  lockSeconds: 18_000,
  notify: 'always',
};
const complete = (...ids: string[]) =>
  ids.map((generation) => ({ generation, state: 'complete', files: 7, bytes: 70 }));
const expiry = { expired: [], left: [], seconds: 1, entries: 0 };

let simulated: Simulated;
beforeEach(async () => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true'; // it would write them among the tests' results
  simulated = await Simulated.start();
});
afterEach(async () => {
  delete process.env.POWERTOOLS_METRICS_DISABLED;
  await simulated.close();
});

const record = (facts: object) => simulated.run(recordEfsRun, { operation: 'backup', run, facts });
const put = async (resource: string, ...ids: string[]) => {
  for (const pointId of ids)
    await simulated.call('dynamodb', 'PutItem', {
      TableName: 'points',
      Item: marshall({ resource, pointId, status: 'verified' }),
    });
};
const indexed = async (resource = 'efs/home') => {
  const { Items } = await simulated.call('dynamodb', 'Scan', { TableName: 'points' });
  return Items.map((item: Parameters<typeof unmarshall>[0]) => unmarshall(item))
    .filter((item: Record<string, unknown>) => item.resource === resource)
    .map(({ pointId }: Record<string, unknown>) => pointId)
    .sort();
};

describe('the index of generations', () => {
  test('has every complete one that was listed, and no other', async () => {
    const partial = { generation: OLD, state: 'partial' };
    await record({ listed: [...complete(OLDER), partial, ...complete(NEW)] });
    expect(await indexed()).toEqual([OLDER, NEW]);
  });

  test('loses what was deleted, and what is renamed but not deleted yet, which the result names', async () => {
    await put('efs/home', OLDEST, OLDER, OLD);
    const { result, message } = await record({
      listed: complete(OLDEST, OLDER, OLD, NEW),
      expired: { ...expiry, expired: [OLDEST], left: [OLDER] },
    });
    expect(await indexed()).toEqual([OLD, NEW]);
    expect([result.expired, result.left]).toEqual([[OLDEST], [OLDER]]);
    expect(message.text).toContain(`${OLDER} is not deleted yet; the next run goes on with it.`);
  });

  test('loses what was renamed by an earlier run, and what somebody has deleted by hand', async () => {
    await put('efs/home', OLDEST, OLDER, OLD);
    await put('efs/other', OLDEST);
    await record({
      listed: [{ generation: OLDEST, state: 'expired' }, ...complete(OLD, NEW)],
      expired: { ...expiry, expired: [OLDEST] },
    });
    expect(await indexed()).toEqual([OLD, NEW]);
    expect(await indexed('efs/other')).toEqual([OLDEST]);
  });

  test('stays as it is when a run has not come to the list', async () => {
    await put('efs/home', OLDEST, OLDER);
    const { result } = await record({ failure: { Error: 'WindowOver', Cause: 'why' } });
    expect(await indexed()).toEqual([OLDEST, OLDER]);
    expect(result.verdict).toBe('INCOMPLETE');
  });
});
