import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Scheduler } from '../../local/account/scheduler/scheduler.ts';
import type { Sns } from '../../local/account/sns/sns.ts';
import type { Sqs } from '../../local/account/sqs/sqs.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
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

test('a policy whose schedule never fires is told within six hours, again each day, and once when it is well', async () => {
  const { local } = world;
  const { clock } = local.account;
  const sns = local.account.service<Sns>('sns', local.region);
  const ssm = local.account.service<SsmService>('ssm', local.region);
  const policy = { name: 'forgotten', capture: 'ami', keep: { days: 7 }, objectives: { rpo: '26h' } };
  ssm.putParameter('/backup-drill-dev/policies/forgotten', JSON.stringify(policy)); // nothing starts it
  ssm.putParameter(
    '/backup-drill-dev/policies/nightly',
    JSON.stringify({ ...policy, name: 'nightly', notify: 'never' }),
  );
  const [before, began] = [sns.published.length, clock.now()];
  const told = () =>
    sns.published
      .slice(before)
      .filter(({ subject }) => subject !== undefined) // a run that failed is told of without one
      .map(({ subject, at }) => [subject, Math.floor((at - began) / HOUR)]);
  scheduler().run(began + 80 * HOUR);
  await clock.sleep(81 * HOUR);
  const late = 'NOT BACKED UP AS PROMISED: forgotten';
  const [first = 0, second = 0, third = 0] = told().flatMap(([subject, hour]) =>
    subject === late ? [Number(hour)] : [],
  );
  expect(told().filter(([subject]) => subject === late)).toHaveLength(3);
  expect([first >= 26 && first < 32, second - first, third - second]).toEqual([true, 24, 24]);
  const run = { id: 'by-hand', entry: 'run', kind: 'policy', policy: 'forgotten', verdict: 'complete' };
  const startedAt = new Date(clock.now()).toISOString();
  await world.call('dynamodb', 'PutItem', {
    TableName: local.refs.RunsTable,
    Item: marshall({ ...run, startedAt }),
  });
  scheduler().run(clock.now() + 20 * HOUR);
  await clock.sleep(21 * HOUR);
  expect(told().slice(-1)).toEqual([['Well again: forgotten', expect.any(Number)]]);
  expect(told().filter(([subject]) => subject === 'Well again: forgotten')).toHaveLength(1);
}, 120_000);

test('a watch that cannot look is told of', async () => {
  const { account, region } = world.local;
  account.faults.add({
    service: 'dynamodb',
    operation: 'Query',
    error: { code: 'AccessDeniedException', message: 'not authorized' },
    times: 7, // the first attempt and all that the machine makes after it
  });
  const { status, arn } = await world.run('PolicyWatch', {});
  await account.clock.sleep(5000);
  const { published } = account.service<Sns>('sns', region);
  expect([status, published.at(-1)?.message]).toEqual([
    'FAILED',
    expect.stringContaining(`${arn} is FAILED`),
  ]);
}, 60_000);
