import { describe, expect, test } from '@jest/globals';
import {
  callStates,
  denying,
  fakeLambda,
  invoking,
  REGION,
  START,
  type World,
  world,
} from '../../asl/world.ts';

const ARN = 'arn:aws:states:eu-west-1:123456789012:';
const waiting = { W: { Type: 'Wait', Seconds: 100, End: true } };
const passing = { P: { Type: 'Pass', End: true } };

/** A world with a machine of these states, and its ARN. */
function having(states: object, rest: object = {}): { made: World; stateMachineArn: string } {
  const made = world({ lambda: fakeLambda({ slow: () => 1 }, 50) });
  return { made, stateMachineArn: made.create('machine', states, rest) };
}

describe('createStateMachine', () => {
  test('refuses a name twice, and a name that AWS does not allow', () => {
    const { made } = having(passing);
    expect(() => made.create('machine', passing)).toThrow(
      expect.objectContaining({ code: 'StateMachineAlreadyExists' }),
    );
    expect(() => made.create('a b', passing)).toThrow(expect.objectContaining({ code: 'InvalidName' }));
  });
});

describe('StartExecution', () => {
  test('starts, and says under which ARN', async () => {
    const { made, stateMachineArn } = having(waiting);
    const input = { stateMachineArn, name: 'drill-1', input: '{"a": 1}' };
    expect(await callStates(made, 'StartExecution', input)).toEqual({
      executionArn: `${ARN}execution:machine:drill-1`,
      startDate: new Date(START),
    });
    expect(await made.describe(`${ARN}execution:machine:drill-1`)).toEqual({
      executionArn: `${ARN}execution:machine:drill-1`,
      stateMachineArn: `${ARN}stateMachine:machine`,
      name: 'drill-1',
      status: 'RUNNING',
      startDate: new Date(START),
      input: '{"a": 1}',
      inputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
    });
  });

  test('without a name takes a UUID, without an input {}', async () => {
    const { made, stateMachineArn } = having(passing);
    const { executionArn } = await callStates(made, 'StartExecution', { stateMachineArn });
    expect(executionArn).toMatch(/:execution:machine:[0-9a-f]{8}-[0-9a-f-]{27}$/);
    await made.states.ended(executionArn);
    expect((await made.describe(executionArn)).output).toBe('{}');
  });

  test('of the same name and input is the same execution while that runs', async () => {
    const { made, stateMachineArn } = having(waiting);
    const first = await callStates(made, 'StartExecution', { stateMachineArn, name: 'a', input: '{}' });
    await made.account.clock.sleep(10_000);
    expect(await callStates(made, 'StartExecution', { stateMachineArn, name: 'a', input: '{}' })).toEqual(
      first,
    );
    const { executions } = await callStates(made, 'ListExecutions', { stateMachineArn });
    expect(executions).toHaveLength(1);
  });

  test('of the same name is refused with another input, and after the first has ended', async () => {
    const { made, stateMachineArn } = having(waiting);
    const start = (input: string) =>
      callStates(made, 'StartExecution', { stateMachineArn, name: 'a', input });
    const { executionArn } = await start('{}');
    const refused = {
      code: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${executionArn}'`,
    };
    await expect(start('{"a":1}')).rejects.toMatchObject(refused);
    await made.states.ended(executionArn);
    await expect(start('{}')).rejects.toMatchObject(refused);
  });

  test.each([
    [{ input: '{a}' }, 'InvalidExecutionInput'],
    [{ input: `"${'x'.repeat(262_144)}"` }, 'ValidationException'],
    [{ name: 'a b' }, 'InvalidName'],
    [{ name: 'a/b' }, 'InvalidName'],
    [{ name: 'x'.repeat(81) }, 'ValidationException'],
    [{ stateMachineArn: `${ARN}stateMachine:other` }, 'StateMachineDoesNotExist'],
  ])('%# is refused with %s', async (wrong, code) => {
    const { made, stateMachineArn } = having(passing);
    await expect(callStates(made, 'StartExecution', { stateMachineArn, ...wrong })).rejects.toMatchObject({
      code,
    });
  });

  test('needs states:StartExecution', async () => {
    const made = world({}, denying('states:StartExecution'));
    const stateMachineArn = made.create('machine', passing);
    await expect(callStates(made, 'StartExecution', { stateMachineArn })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('StopExecution', () => {
  test('ends at once an execution that waits, with the error and cause given', async () => {
    const { made, stateMachineArn } = having(waiting);
    const executionArn = await made.start(stateMachineArn);
    await made.account.clock.sleep(30_000);
    const stop = { executionArn, error: 'Enough', cause: 'of this' };
    const stopDate = new Date(START + 30_000);
    expect(await callStates(made, 'StopExecution', stop)).toEqual({ stopDate });
    expect(await made.describe(executionArn)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'of this',
      stopDate,
    });
    const events = await made.history(executionArn);
    expect(events.at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      previousEventId: 2,
      executionAbortedEventDetails: { error: 'Enough', cause: 'of this' },
    });
    await made.account.clock.idle();
    expect(made.account.clock.now()).toBe(START + 30_000);
    expect(await made.history(executionArn)).toHaveLength(events.length);
  });

  test('is no catchable error', async () => {
    const { made, stateMachineArn } = having({
      T: invoking('slow', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'P' }], End: true }),
      ...passing,
    });
    const executionArn = await made.start(stateMachineArn);
    await made.account.clock.sleep(10_000);
    await callStates(made, 'StopExecution', { executionArn });
    await made.account.clock.idle();
    const types = (await made.history(executionArn)).map((event) => event.type);
    expect(types.slice(1)).toEqual(['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'ExecutionAborted']);
  });

  test('leaves alone what has ended', async () => {
    const { made, stateMachineArn } = having(passing);
    const executionArn = await made.start(stateMachineArn);
    await made.states.ended(executionArn);
    expect(await callStates(made, 'StopExecution', { executionArn })).toEqual({ stopDate: new Date(START) });
    expect((await made.describe(executionArn)).status).toBe('SUCCEEDED');
  });
});

describe("a machine's TimeoutSeconds", () => {
  test('ends the execution TIMED_OUT', async () => {
    const { made, stateMachineArn } = having(waiting, { TimeoutSeconds: 40 });
    const executionArn = await made.start(stateMachineArn);
    await made.states.ended(executionArn);
    const described = await made.describe(executionArn);
    expect(described).toMatchObject({ status: 'TIMED_OUT', stopDate: new Date(START + 40_000) });
    expect(described.error).toBeUndefined();
    const types = (await made.history(executionArn)).map((event) => event.type);
    expect(types).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);
  });

  test('does not outlive the execution', async () => {
    const { made, stateMachineArn } = having(waiting, { TimeoutSeconds: 4000 });
    await made.start(stateMachineArn);
    await made.account.clock.idle();
    expect(made.account.clock.now()).toBe(START + 100_000);
  });
});

describe('GetExecutionHistory', () => {
  test('comes in pages, forwards and backwards, which further events do not disturb', async () => {
    const { made, stateMachineArn } = having({
      ...waiting,
      W: { ...waiting.W, Next: 'P', End: undefined },
      ...passing,
    });
    const executionArn = await made.start(stateMachineArn);
    await made.account.clock.sleep(1);
    const ask = async (rest: object) => {
      const { events, nextToken } = await callStates(made, 'GetExecutionHistory', {
        executionArn,
        maxResults: 1,
        ...rest,
      });
      return { ids: events.map((event: { id: number }) => event.id), nextToken };
    };
    const back = await ask({ reverseOrder: true });
    expect(back.ids).toEqual([2]);
    await made.states.ended(executionArn);
    expect(await ask({ reverseOrder: true, nextToken: back.nextToken })).toEqual({
      ids: [1],
      nextToken: undefined,
    });
    const first = await ask({ maxResults: 4 });
    expect(first.ids).toEqual([1, 2, 3, 4]);
    expect(await ask({ maxResults: 4, nextToken: first.nextToken })).toEqual({
      ids: [5, 6],
      nextToken: undefined,
    });
  });

  test.each(['DescribeExecution', 'GetExecutionHistory', 'StopExecution'])(
    '%s of an execution that is not there is ExecutionDoesNotExist',
    async (operation) => {
      const executionArn = `${ARN}execution:machine:gone`;
      await expect(callStates(world(), operation, { executionArn })).rejects.toMatchObject({
        code: 'ExecutionDoesNotExist',
        message: `Execution Does Not Exist: '${executionArn}'`,
      });
    },
  );

  test('ends an execution at its 25,000th event', async () => {
    const { made, stateMachineArn } = having({
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Pass', Next: 'A' },
    });
    const executionArn = await made.start(stateMachineArn);
    await made.states.ended(executionArn);
    expect(await made.describe(executionArn)).toMatchObject({
      status: 'FAILED',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    const last = await callStates(made, 'GetExecutionHistory', {
      executionArn,
      reverseOrder: true,
      maxResults: 1,
    });
    expect(last.events[0]).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });
});

describe('ListExecutions', () => {
  test('has the newest first, of one machine, of one status', async () => {
    const { made, stateMachineArn } = having(waiting);
    const other = made.create('other', passing);
    await made.start(stateMachineArn, {}, 'one');
    await made.states.ended(await made.start(other, {}, 'elsewhere'));
    await made.account.clock.sleep(60_000);
    await made.start(stateMachineArn, {}, 'two');
    await made.account.clock.sleep(50_000);
    const names = async (rest: object) =>
      (await callStates(made, 'ListExecutions', { stateMachineArn, ...rest })).executions.map(
        (one: { name: string }) => one.name,
      );
    expect(await names({})).toEqual(['two', 'one']);
    expect(await names({ statusFilter: 'SUCCEEDED' })).toEqual(['one']);
    expect(await names({ statusFilter: 'RUNNING' })).toEqual(['two']);
  });
});

test('ListStateMachines has every machine of the Region', async () => {
  const { made } = having(passing);
  made.create('other', passing);
  expect((await callStates(made, 'ListStateMachines', {})).stateMachines).toEqual([
    {
      stateMachineArn: `${ARN}stateMachine:machine`,
      name: 'machine',
      type: 'STANDARD',
      creationDate: new Date(START),
    },
    {
      stateMachineArn: `${ARN}stateMachine:other`,
      name: 'other',
      type: 'STANDARD',
      creationDate: new Date(START),
    },
  ]);
  const elsewhere = { principal: made.account.operator, region: 'us-east-1', service: 'states' };
  expect(REGION).not.toBe(elsewhere.region);
  expect(await made.account.call({ ...elsewhere, operation: 'ListStateMachines', input: {} })).toEqual({
    stateMachines: [],
  });
});

test('every state entered is a transition on the bill', async () => {
  const { made, stateMachineArn } = having({
    A: { Type: 'Pass', Next: 'M' },
    M: {
      Type: 'Map',
      Items: [1, 2, 3],
      ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } },
      End: true,
    },
  });
  await made.states.ended(await made.start(stateMachineArn));
  expect(made.account.meter.units.get('states:transition')).toBe(5);
});
