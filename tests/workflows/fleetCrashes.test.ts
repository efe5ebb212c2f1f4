import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ec2, type FleetRun, havePolicy, type Point, pointsOf, policyEnd } from './fleet.ts';
import { failState, isActive, type Kind, tasksOf } from './stateFaults.ts';
import { World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine
const FULL = process.env.TEST_FULL === '1';
const TASKS = tasksOf('batch-backup');
/** In `npm test` only these; the whole sweep takes minutes. */
const FEW = ['SubmitCaptures', 'MarkCaptures', 'CaptureInstance'];
/** States of a batch that is captured one by one; all others are of both kinds, or of bursts. */
const ONE_BY_ONE = ['ListGroup', 'CaptureInstance', 'RecordGroup', 'MergeGroups', 'MergeAfterFailure'];
/** What must fail first for a state after a failure to be entered. */
const BEFORE: Record<string, string> = {
  AbandonCaptures: 'CheckCaptures',
  MarkAfterFailure: 'CheckCaptures',
  CloseAfterFailure: 'CheckCaptures',
};
/** What was begun is not known to the batch, or not to be marked: it stays pending, and retention sweeps it. */
const PENDING = ['AbandonCaptures', 'MarkAfterFailure', 'MergeGroups'];
/** It is there for faults of the Map itself, which no call can show. */
const UNREACHED = ['MergeAfterFailure'];

let world: World;
beforeAll(async () => {
  world = await World.start();
  ec2(world).seedFleet({ count: 4, tags: { fleet: 'crash' } });
  for (const way of ['burst', 'one-by-one'])
    havePolicy(world, way, {
      select: { tags: { fleet: 'crash' } },
      consistency: way === 'burst' ? 'none' : 'stop',
    });
}, 2 * MINUTE);
afterAll(async () => await world.close());

/** Runs a policy whose batch fails in some states. */
async function runFailing(states: string[], kind: Kind): Promise<FleetRun> {
  const { local } = world;
  const way = states.some((state) => ONE_BY_ONE.includes(state)) ? 'one-by-one' : 'burst';
  let batch = '';
  for (const state of states)
    failState(local, [state, TASKS[state] ?? { Type: 'Task' }], kind, () => isUnderWay(batch, state));
  try {
    const arn = await world.begin('policy-run', { policy: way });
    batch = `${arn.replace(':policy-run', ':batch-backup').replace('-policy-run:', '-batch-backup:')}-${local.region}-0`;
    return await policyEnd(world, arn);
  } finally {
    local.account.faults.clear();
  }
}

function isUnderWay(executionArn: string, state: string): boolean {
  try {
    return isActive(world.local, executionArn, state);
  } catch {
    return false; // it has not begun
  }
}

const kinds = (state: string): Kind[] =>
  FULL && state.length % 2 === 0 ? ['terminal', 'repeated'] : ['terminal'];
const cases = Object.keys(TASKS)
  .filter((state) => (FULL || FEW.includes(state)) && !UNREACHED.includes(state))
  .flatMap((state) => kinds(state).map((kind) => ({ state, kind })));

describe('a run whose batch fails in one state', () => {
  test.each(cases)(
    '$state ($kind)',
    async ({ state, kind }) => {
      const first = BEFORE[state];
      const run = await runFailing([...(first ? [first] : []), state], kind);
      expect([run.status, run.error]).toEqual(['FAILED', 'BackupsMissing']);
      expect(run.report.status).toBe('incomplete');
      expect(run.report.failures.length).toBeGreaterThan(0);
      if (!['ListGroup', 'RecordGroup'].includes(state))
        expect(run.report.failures.join()).toContain(`arranged for ${first ?? state}`);
      expect(run.message?.subject).toMatch(/^BACKUPS MISSING: /);
      const points = await pointsOf(world, run.runId);
      areTrue(points, run);
      if (!PENDING.includes(state)) expect(points.filter(({ status }) => status === 'pending')).toEqual([]);
      const locks = await world.locks();
      if (state === 'CloseAfterFailure') expect(locks).toHaveLength(4);
      else expect(locks).toEqual([]);
      for (const id of locks) await free(String(id));
      await startAgain();
    },
    MINUTE,
  );
});

/** Each instance has one point at most, and what is tagged as verified is complete, and known to the report or the index. */
function areTrue(points: Point[], { report }: FleetRun): void {
  const owners = points.map(({ resource }) => resource);
  expect(new Set(owners).size).toBe(owners.length);
  const missing = report.missing.map(({ instanceId }) => instanceId);
  for (const { id, resource, state, status } of points.filter((one) => one.status === 'verified')) {
    expect([id, state]).toEqual([id, 'available']);
    const known = report.points.some(({ pointId }) => pointId === id) || missing.includes(resource);
    expect([id, status, known]).toEqual([id, 'verified', true]);
  }
}

async function free(id: string): Promise<void> {
  const Key = { id: { S: `lock#${id.replace('lock#', '')}` }, entry: { S: 'lock' } };
  await world.call('dynamodb', 'DeleteItem', { TableName: world.local.refs.RunsTable, Key });
}

/** No crash of a batch leaves an instance stopped. */
async function startAgain(): Promise<void> {
  await world.pass(300);
  const { Reservations } = await world.call('ec2', 'DescribeInstances', {});
  const states = Reservations.flatMap((one: { Instances: { State: { Name: string } }[] }) =>
    one.Instances.map(({ State }) => State.Name),
  );
  expect(new Set(states)).toEqual(new Set(['running']));
}
