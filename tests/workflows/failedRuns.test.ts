import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Events } from '../../local/account/events/events.ts';
import type { Sns } from '../../local/account/sns/sns.ts';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
}, 120_000);
afterAll(async () => await world.close());

/** What came of an execution, once its event has had its time. */
async function toldOf(arn: string): Promise<string[]> {
  const { account, region } = world.local;
  await world.end(arn);
  await account.clock.sleep(5000);
  const { published } = account.service<Sns>('sns', region);
  expect(account.service<Events>('events', region).undelivered).toEqual([]);
  return published.map(({ message }) => message).filter((message) => message.includes(arn));
}

test.each([
  'dr-drill',
  'ami-backup',
  'restore',
  'policy-run',
  'batch-backup',
  'retention',
  'efs-backup',
  'efs-restore',
])('a failed %s is told of, though it could not tell by itself', async (machine) => {
  const arn = await world.begin(machine, { wrong: true });
  expect(await toldOf(arn)).toEqual([
    `The execution ${arn} is FAILED. Its cause says why, docs/runbook.md what to do.`,
  ]);
});

test('one that was aborted is told of', async () => {
  const executionArn = await world.begin('dr-drill', {});
  await world.call('states', 'StopExecution', { executionArn });
  expect(await toldOf(executionArn)).toEqual([expect.stringContaining('is ABORTED')]);
});

test('one within another run is left to that one', async () => {
  const AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID = 'arn:aws:states:eu-west-1:1:execution:x:y';
  const arn = await world.begin('restore', { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID, wrong: true });
  expect(await toldOf(arn)).toEqual([]);
});
