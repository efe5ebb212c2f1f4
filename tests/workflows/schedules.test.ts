import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Scheduler } from '../../local/account/scheduler/scheduler.ts';
import type { Sqs } from '../../local/account/sqs/sqs.ts';
import { PackagedWorld } from '../contracts/permissionsWorld.ts';

const HOUR = 3_600_000;
let world: PackagedWorld;

beforeAll(async () => {
  world = await PackagedWorld.start();
}, 120_000);
afterAll(async () => await world.close());

const scheduler = () => world.local.account.service<Scheduler>('scheduler', world.local.region);

async function runs(): Promise<{ name: string; input: unknown }[]> {
  const stateMachineArn = world.local.refs.PolicyRunStateMachine;
  const { executions } = await world.call('states', 'ListExecutions', { stateMachineArn });
  const described = executions.map(
    async ({ executionArn }: { executionArn: string }) =>
      await world.call('states', 'DescribeExecution', { executionArn }),
  );
  return (await Promise.all(described)).map(({ name, input }) => ({ name, input: JSON.parse(input) }));
}

test('the policy that ships runs every night by its schedule, with the rights of the role that ships', async () => {
  const { clock } = world.local.account;
  scheduler().run(clock.now() + 48 * HOUR);
  await clock.sleep(49 * HOUR);
  expect(await runs()).toEqual([
    { name: expect.stringMatching(/^nightly-[0-9a-f]{16}$/), input: { policy: 'nightly' } },
    { name: expect.stringMatching(/^nightly-[0-9a-f]{16}$/), input: { policy: 'nightly' } },
  ]);
}, 120_000);

test('a run that cannot be started lies in the queue, with its schedule and why', async () => {
  world.local.account.faults.add({
    service: 'states',
    operation: 'StartExecution',
    error: { code: 'AccessDeniedException', message: 'not authorized' },
    times: 1,
  });
  await scheduler().fire('nightly');
  const url = world.local.refs.FailedStartsQueue ?? '';
  const letters = world.local.account.service<Sqs>('sqs', world.local.region).messages(url);
  expect(letters).toMatchObject([
    {
      body: expect.stringContaining('nightly'),
      attributes: {
        ERROR_CODE: 'AccessDeniedException',
        SCHEDULE_ARN: expect.stringMatching(/:schedule\/backup-drill-dev\/nightly$/),
      },
    },
  ]);
}, 60_000);
