import { describe, expect, test } from '@jest/globals';
import { callStates, denying, fakeLambda, invoking, START, thrower, world } from './world.ts';

const ARN = 'arn:aws:states:eu-west-1:123456789012:';
const child = (rest: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Arguments: {
    StateMachineArn: `${ARN}stateMachine:child`,
    Name: '{% $states.context.Execution.Name & "-child" %}',
    Input: {
      n: '{% $states.input.n %}',
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: '{% $states.context.Execution.Id %}',
    },
  },
  End: true,
  ...rest,
});
const childArn = `${ARN}execution:child:run-1-child`;

describe('states:startExecution.sync:2', () => {
  test('waits for the child and gives its description, Input and Output as JSON', async () => {
    const made = world();
    made.create('child', {
      W: { Type: 'Wait', Seconds: 20, Output: { n: '{% $states.input.n + 1 %}' }, End: true },
    });
    const ran = await made.run({ T: child() }, { n: 1 });
    expect(ran.seconds).toBe(20);
    expect(ran.output).toEqual({
      ExecutionArn: childArn,
      Input: { n: 1, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: `${ARN}execution:machine:run-1` },
      InputDetails: { Included: true },
      Name: 'run-1-child',
      Output: { n: 2 },
      OutputDetails: { Included: true },
      RedriveCount: 0,
      RedriveStatus: 'NOT_REDRIVABLE',
      StartDate: START,
      StateMachineArn: `${ARN}stateMachine:child`,
      Status: 'SUCCEEDED',
      StopDate: START + 20_000,
    });
    expect(ran.types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    const submitted = ran.events[4]?.taskSubmittedEventDetails;
    expect(submitted).toMatchObject({ resourceType: 'states', resource: 'startExecution.sync:2' });
    expect(JSON.parse(submitted?.output ?? '')).toMatchObject({ ExecutionArn: childArn, StartDate: START });
  });

  test('a child that fails is States.TaskFailed with its description as the cause', async () => {
    const made = world();
    made.create('child', { F: { Type: 'Fail', Error: 'Broken', Cause: 'pipe' } });
    const ran = await made.run({ T: child() }, { n: 1 });
    expect([ran.status, ran.error]).toEqual(['FAILED', 'States.TaskFailed']);
    expect(JSON.parse(ran.cause ?? '')).toMatchObject({
      ExecutionArn: childArn,
      Status: 'FAILED',
      Error: 'Broken',
      Cause: 'pipe',
      StopDate: START,
    });
  });

  test('a child that is stopped is States.TaskFailed too', async () => {
    const made = world();
    made.create('child', { W: { Type: 'Wait', Seconds: 99, End: true } });
    made.account.clock.after(5000, () => void callStates(made, 'StopExecution', { executionArn: childArn }));
    const ran = await made.run({ T: child() }, { n: 1 });
    expect([ran.error, ran.seconds]).toEqual(['States.TaskFailed', 5]);
    expect(JSON.parse(ran.cause ?? '').Status).toBe('ABORTED');
  });

  test('a retry under another name starts another child', async () => {
    let calls = 0;
    const once = () => (++calls === 1 ? thrower('Broken')({}) : calls);
    const made = world({ lambda: fakeLambda({ once }) });
    made.create('child', { T: invoking('once') });
    const task = child({ Retry: [{ ErrorEquals: ['States.TaskFailed'] }] });
    const Name = '{% "try-" & $states.context.State.RetryCount %}';
    const ran = await made.run({ T: { ...task, Arguments: { ...task.Arguments, Name } } }, { n: 1 });
    expect([ran.output.Name, ran.output.Output]).toEqual(['try-1', 2]);
  });

  test('a retry under the same name meets the child that has failed', async () => {
    const made = world();
    made.create('child', { F: { Type: 'Fail' } });
    const ran = await made.run(
      { T: child({ Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 1 }] }) },
      { n: 1 },
    );
    expect(ran.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
    expect(ran.cause).toContain(
      `Execution Already Exists: '${childArn}' (Service: AWSStepFunctions; Status Code: 400;`,
    );
  });

  test('a machine that is not there is StepFunctions.StateMachineDoesNotExistException', async () => {
    const ran = await world().run({ T: child() }, { n: 1 });
    expect(ran.error).toBe('StepFunctions.StateMachineDoesNotExistException');
  });

  test.each([
    [
      'stopped',
      'ABORTED',
      (made: ReturnType<typeof world>) => {
        const executionArn = `${ARN}execution:machine:run-1`;
        made.account.clock.after(7000, () => void callStates(made, 'StopExecution', { executionArn }));
      },
      {},
    ],
    ['timed out', 'TIMED_OUT', () => {}, { TimeoutSeconds: 7 }],
  ])('a parent that is %s stops its child', async (_what, status, arrange, rest) => {
    const made = world();
    made.create('child', { W: { Type: 'Wait', Seconds: 99, End: true } });
    arrange(made);
    const ran = await made.run({ T: child() }, { n: 1 }, rest);
    await made.account.clock.idle();
    expect([ran.status, ran.seconds]).toEqual([status, 7]);
    expect(await made.describe(childArn)).toMatchObject({
      status: 'ABORTED',
      stopDate: new Date(START + 7000),
      cause: `The Task state in AWS Step Functions execution [${ARN}execution:machine:run-1] which was managing this resource was aborted`,
    });
  });

  test('a task that times out stops its child', async () => {
    const made = world();
    made.create('child', { W: { Type: 'Wait', Seconds: 99, End: true } });
    const ran = await made.run({ T: child({ TimeoutSeconds: 3 }) }, { n: 1 });
    await made.account.clock.idle();
    expect([ran.error, ran.seconds]).toEqual(['States.Timeout', 3]);
    expect((await made.describe(childArn)).status).toBe('ABORTED');
  });

  test('without the permission to stop it, the child goes on', async () => {
    const made = world({}, denying('states:StopExecution'));
    made.create('child', { W: { Type: 'Wait', Seconds: 99, End: true } });
    await made.run({ T: child({ TimeoutSeconds: 3 }) }, { n: 1 });
    await made.account.clock.idle();
    expect((await made.describe(childArn)).status).toBe('SUCCEEDED');
  });

  test.each(['events:PutRule', 'events:PutTargets', 'events:DescribeRule'])(
    'a role without %s cannot have such a machine',
    (action) => {
      const made = world({}, denying(action));
      expect(() => made.create('parent', { T: child() })).toThrow(
        "'arn:aws:iam::123456789012:role/machine-role' is not authorized to create managed-rule.",
      );
      expect(() => made.create('other', { P: { Type: 'Pass', End: true } })).not.toThrow();
    },
  );
});
