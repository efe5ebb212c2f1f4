import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { expressionOf } from '../../../../local/account/scheduler/expression.ts';
import { type Scheduler, schedulerService } from '../../../../local/account/scheduler/scheduler.ts';
import { type Sqs, sqsService } from '../../../../local/account/sqs/sqs.ts';
import { fireTimes } from '../../../../shared/policy/fireTimes.ts';
import { schedule as schema } from '../../../../shared/policy/schedule.ts';
import { callStates, denying, REGION, START, type World, world } from '../../asl/world.ts';

const HOUR = 3_600_000;
const TARGET = 'arn:aws:scheduler:::aws-sdk:sfn:startExecution';

let made: World;
let machine: string;
let queue: { url: string; arn: string };

function open(iam = denying()): void {
  made = world({ scheduler: schedulerService, sqs: sqsService }, iam);
  machine = made.create('policy-run', { P: { Type: 'Pass', End: true } });
  queue = made.account.service<Sqs>('sqs', REGION).createQueue('failed-starts');
  scheduler().createGroup('backup-drill-dev');
}
beforeEach(() => open());

const scheduler = () => made.account.service<Scheduler>('scheduler', REGION);
const letters = () => made.account.service<Sqs>('sqs', REGION).messages(queue.url);

function schedule(more: object = {}): string {
  return scheduler().createSchedule({
    name: 'nightly',
    group: 'backup-drill-dev',
    expression: 'cron(15 1 * * ? *)',
    timezone: 'Europe/Vienna',
    flexibleMinutes: 0,
    roleName: 'schedules',
    input: JSON.stringify({
      StateMachineArn: machine,
      Name: 'nightly-<aws.scheduler.execution-id>',
      Input: '{"policy":"nightly"}',
    }),
    maximumAgeSeconds: 3600,
    maximumRetries: 3,
    deadLetterArn: queue.arn,
    ...more,
  });
}

/** When executions were started, and what with. */
async function started(): Promise<{ at: string; input: unknown; name: string }[]> {
  const { executions } = await callStates(made, 'ListExecutions', { stateMachineArn: machine });
  const described = executions.map(
    async (one: { executionArn: string }) => await made.describe(one.executionArn),
  );
  const all = await Promise.all(described);
  return all
    .map(({ startDate, input, name }) => ({ at: startDate?.toISOString(), input: JSON.parse(input), name }))
    .reverse();
}

describe('schedules', () => {
  test('start their machine when they are due, each time under a name of its own', async () => {
    schedule();
    scheduler().run(START + 48 * HOUR);
    await made.account.clock.sleep(72 * HOUR);
    expect(await started()).toEqual([
      { at: '2026-01-03T00:15:00.000Z', input: { policy: 'nightly' }, name: 'nightly-0000000000000001' },
      { at: '2026-01-04T00:15:00.000Z', input: { policy: 'nightly' }, name: 'nightly-0000000000000002' },
    ]);
  });

  test('stand still until they are let run, and again when that ends', async () => {
    schedule();
    await made.account.clock.sleep(48 * HOUR);
    const end = scheduler().run(START + 240 * HOUR);
    await made.account.clock.sleep(24 * HOUR);
    end();
    await made.account.clock.idle();
    expect(await started()).toHaveLength(1);
  });

  test('of a rate begin at once', async () => {
    schedule({ expression: 'rate(12 hours)', timezone: 'UTC' });
    scheduler().run(START + 30 * HOUR);
    await made.account.clock.sleep(30 * HOUR);
    expect((await started()).map(({ at }) => at)).toEqual([
      '2026-01-02T15:04:05.000Z',
      '2026-01-03T03:04:05.000Z',
    ]);
  });

  test('of once a month wait as long as that takes', async () => {
    schedule({ expression: 'cron(0 4 L * ? *)', timezone: 'UTC' });
    scheduler().run(START + 60 * 24 * HOUR);
    await made.account.clock.idle();
    expect((await started()).map(({ at }) => at)).toEqual([
      '2026-01-31T04:00:00.000Z',
      '2026-02-28T04:00:00.000Z',
    ]);
  });

  test('with a flexible window begin within it', async () => {
    schedule({ flexibleMinutes: 15 });
    scheduler().run(START + 24 * HOUR);
    await made.account.clock.sleep(25 * HOUR);
    const [first] = await started();
    const late = Date.parse(first?.at ?? '') - Date.parse('2026-01-03T00:15:00Z');
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(15 * 60_000);
  });

  test('without an end are refused where time skips every wait', () => {
    expect(() => scheduler().run()).toThrow('schedules have no end');
  });
});

describe('a start that fails', () => {
  test('is repeated, and succeeds when the fault has passed', async () => {
    schedule();
    made.account.faults.add({
      service: 'states',
      operation: 'StartExecution',
      error: { code: 'ThrottlingException', message: 'Rate exceeded' },
      times: 2,
    });
    await scheduler().fire('nightly');
    expect(await started()).toMatchObject([{ at: '2026-01-02T03:04:08.000Z' }]); // after 1 and 2 seconds
    expect(letters()).toEqual([]);
  });

  test('lies in the dead-letter queue when repeating does not help', async () => {
    const arn = schedule();
    made.account.faults.add({
      service: 'states',
      operation: 'StartExecution',
      error: { code: 'ThrottlingException', message: 'Rate exceeded' },
      times: 4,
    });
    await scheduler().fire('nightly');
    expect(await started()).toEqual([]);
    expect(letters()).toMatchObject([
      {
        body: expect.stringContaining('policy-run'),
        attributes: {
          ERROR_CODE: 'ThrottlingException',
          ERROR_MESSAGE: 'Rate exceeded',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          RETRY_ATTEMPTS: '3',
          SCHEDULE_ARN: arn,
          SCHEDULED_TIME: '2026-01-02T03:04:05Z',
          TARGET_ARN: TARGET,
        },
      },
    ]);
  });

  test('is not begun any more when it is too late for it', async () => {
    schedule({ maximumRetries: 185, maximumAgeSeconds: 60 });
    made.account.faults.add({
      service: 'states',
      operation: 'StartExecution',
      error: { code: 'ThrottlingException', message: 'Rate exceeded' },
      times: 100,
    });
    await scheduler().fire('nightly');
    expect(letters()).toMatchObject([
      { attributes: { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: '5' } },
    ]);
  });

  test('for want of a right is not repeated', async () => {
    open(denying('states:StartExecution'));
    schedule();
    await scheduler().fire('nightly');
    expect(letters()).toMatchObject([
      { at: START, attributes: { ERROR_CODE: 'AccessDeniedException', RETRY_ATTEMPTS: '0' } },
    ]);
  });

  test('leaves no letter where the role may not send one', async () => {
    open(denying('states:StartExecution', 'sqs:SendMessage'));
    schedule();
    await scheduler().fire('nightly');
    expect(letters()).toEqual([]);
  });
});

describe('a schedule is refused', () => {
  test.each([
    ['of five fields', { expression: 'cron(15 1 * * *)' }, 'ValidationException'],
    ['of a day twice told', { expression: 'cron(15 1 1 * MON *)' }, 'ValidationException'],
    ['of an hour that is none', { expression: 'cron(15 24 * * ? *)' }, 'ValidationException'],
    ['of a rate without a unit', { expression: 'rate(5)' }, 'ValidationException'],
    ['in a zone that is none', { timezone: 'Europe/Viena' }, 'ValidationException'],
    ['in a group that is none', { group: 'other' }, 'ResourceNotFoundException'],
    ['by a name that is none', { name: 'every night' }, 'ValidationException'],
  ])('%s', (_, more, code) => {
    expect(() => schedule(more)).toThrow(expect.objectContaining({ code }));
  });

  test('of the same name', () => {
    schedule();
    expect(() => schedule()).toThrow(expect.objectContaining({ code: 'ConflictException' }));
  });
});

test("the product's reckoning and the account's are the same, made each by its own way", () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Vienna',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  );
  const hours = fc.constantFrom('*', '1', '2', '0/3', '2-4', '1,23');
  const minutes = fc.constantFrom('0', '15', '0/20', '30,5', '*/45');
  const days = fc.constantFrom(
    '* * ?',
    'L * ?',
    '15W * ?',
    '1W 2,8 ?',
    '28-31 * ?',
    '? * MON-FRI',
    '? * 1',
    '? * L',
    '? * 6L',
    '? * 2#1',
    '? MAR,OCT SUN',
    '29 2 ?',
    '*/7 * ?',
  );
  const start = fc.integer({
    min: Date.parse('2026-01-01T00:00:00Z'),
    max: Date.parse('2028-12-31T00:00:00Z'),
  });
  const around = fc.oneof(
    start,
    fc
      .constantFrom('2026-03-27', '2026-10-23', '2026-03-06', '2026-10-30', '2026-04-03', '2026-10-02')
      .map((day) => Date.parse(`${day}T12:00:00Z`)),
  );
  fc.assert(
    fc.property(zones, minutes, hours, days, around, (timezone, minute, hour, day, from) => {
      const cron = `${minute} ${hour} ${day} *`;
      const theirs = expressionOf(`cron(${cron})`, timezone, 0);
      const ours = [
        ...fireTimes(v.parse(schema, { cron, timezone }), from + 1, from + 40 * 24 * HOUR).take(12),
      ];
      let at = from;
      for (const fires of ours) {
        at = theirs?.after(at) ?? Number.NaN;
        expect(new Date(at).toISOString()).toBe(new Date(fires).toISOString());
      }
    }),
    { numRuns: process.env.TEST_FULL === '1' ? 1000 : 60 },
  );
});
