import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EFS_EXAMPLE } from '../../local/efsExample.ts';
import { withFpsync } from '../requires.ts';
import { EfsWorld } from './efsWorld.ts';
import { failState, isActive, type Kind, tasksOf } from './stateFaults.ts';
import type { Outcome } from './world.ts';

const FULL = process.env.TEST_FULL === '1';
const MINUTES = 120_000; // real milliseconds that a test may take on a busy machine
/** In `npm test` only these; the whole sweep takes minutes. */
const FEW: Record<string, string[]> = {
  'efs-backup': ['ScaleIn'],
  'efs-restore': [],
  'worker-cleanup': ['CompleteHook', 'ScaleIn'],
};
const kinds = (state: string): Kind[] =>
  // Repeating depends on the kind of integration, not on the state: half of the states are enough.
  FULL && state.length % 2 === 0 ? ['terminal', 'repeated'] : ['terminal'];
const cases = (machine: string) =>
  Object.entries(tasksOf(machine))
    .filter(([name]) => (FULL || FEW[machine]?.includes(name)) && !ELSEWHERE.includes(name))
    .flatMap(([name, state]) => kinds(name).map((kind) => ({ name, state, kind })));

/**
 * Only what takes long comes to the first three: tests/statemachines/efsBackup.test.ts and efsRestore.test.ts. A run does
 * without the last one: tests/workflows/efs.test.ts.
 */
const ELSEWHERE = ['StopCopy', 'StopRestore', 'ReadProgress', 'ReadThroughput'];
/** States before anything was made. */
const REFUSING = ['ReadRun', 'LockFolder'];

/** States that only a run that has ended, not a worker, comes to. */
const OF_ENDED_RUNS = ['ScaleIn', 'CheckGroup', 'RecordRun', 'Notify', 'ReleaseLock'];

withFpsync('a run on EFS of which one state fails', () => {
  let efs: EfsWorld;
  beforeAll(async () => {
    efs = await EfsWorld.start();
    mkdirSync(efs.source, { recursive: true });
    for (const name of ['one', 'two']) writeFileSync(join(efs.source, name), name);
    expect((await efs.run('efs-backup')).status).toBe('SUCCEEDED');
  }, 3 * MINUTES); // packaging takes its time on a busy machine
  afterAll(async () => await efs?.close());

  const folder = () => join(efs.destination, 'backup-drill', EFS_EXAMPLE.policy);
  const complete = () => readdirSync(folder()).filter((name) => existsSync(join(folder(), name, 'COMPLETE')));

  /** Runs a machine of which one state fails until everything that it has set off has ended. */
  async function runFailing(
    machine: string,
    { name, state, kind }: ReturnType<typeof cases>[number],
  ): Promise<Outcome & { expected: string }> {
    const { local } = efs.world;
    let arn = '';
    const active = (of: string) => arn !== '' && isActive(local, arn, of);
    // Nobody is told of a run that went well: one more state has to fail, whose error is the run's.
    const earlier = tasksOf(machine).CheckFileSystems;
    const first =
      name === 'Notify' && earlier
        ? failState(local, [name, earlier], kind, () => active('CheckFileSystems'))
        : undefined;
    const own = failState(local, [name, state], kind, () => active(name));
    const expected = first ?? own;
    try {
      arn = await efs.begin(machine);
      const outcome = await efs.world.end(arn);
      await efs.settle();
      return { ...outcome, expected };
    } finally {
      local.account.faults.clear();
    }
  }

  test.each(
    ['efs-backup', 'efs-restore'].flatMap((machine) => cases(machine).map((one) => ({ machine, ...one }))),
  )(
    '$machine: $name ($kind)',
    async ({ machine, ...one }) => {
      const before = complete();
      const outcome = await runFailing(machine, one);
      expect(outcome).toMatchObject({ status: 'FAILED', error: outcome.expected });
      expect(outcome.cause).toContain(`arranged for ${one.name}`);
      expect(await efs.leftBehind()).toEqual([]);
      // The oldest may have expired, as the policy says.
      for (const generation of before.sort().slice(-10)) expect(complete()).toContain(generation);
      const recorded = (await efs.world.items('RunsTable')).find(
        ({ id, entry }) => id === outcome.arn.split(':').at(-1) && entry === 'run',
      );
      if (REFUSING.includes(one.name)) expect(recorded).toBeUndefined();
      else if (one.name !== 'RecordRun') expect(recorded?.verdict).not.toBe(undefined);
    },
    MINUTES,
  );

  test.each(cases('worker-cleanup').filter(({ name }) => !OF_ENDED_RUNS.includes(name)))(
    'worker-cleanup of a worker: $name ($kind)',
    async ({ name, state, kind }) => {
      const { local } = efs.world;
      failState(local, [name, state], kind, () => cleanups(efs).some((arn) => isActive(local, arn, name)));
      try {
        const outcome = await efs.run('efs-backup');
        expect(outcome.status).toBe('SUCCEEDED');
        await efs.settle();
      } finally {
        local.account.faults.clear();
      }
      expect(await efs.leftBehind()).toEqual([]);
    },
    MINUTES,
  );

  test.each(cases('worker-cleanup').filter(({ name }) => OF_ENDED_RUNS.includes(name)))(
    'worker-cleanup of a run that was stopped: $name ($kind)',
    async ({ name, state, kind }) => {
      const { local } = efs.world;
      failState(local, [name, state], kind, () => cleanups(efs).some((arn) => isActive(local, arn, name)), 3);
      try {
        const arn = await efs.begin('efs-backup');
        await efs.reach(arn, 'WaitForCopy');
        await efs.world.call('states', 'StopExecution', { executionArn: arn });
        await efs.settle();
      } finally {
        local.account.faults.clear();
      }
      expect(await efs.leftBehind()).toEqual([]);
    },
    MINUTES,
  );
});

/** ARNs of all cleanups so far. */
function cleanups(efs: EfsWorld): string[] {
  const { account, region, refs } = efs.world.local;
  const service = account.service('states', region);
  const call = { principal: account.operator, region, service: 'states', operation: '', input: {} };
  const asked = { stateMachineArn: refs.WorkerCleanupStateMachine, maxResults: 1000 };
  const page = service.operations.ListExecutions?.run(asked, call) as {
    executions: { executionArn: string }[];
  };
  return page.executions.map(({ executionArn }) => executionArn);
}
