import { describe, expect, test } from '@jest/globals';
import { callStates, fakeLambda, thrower, world } from './world.ts';

/** A world in which `ask` keeps the token that it was sent. */
function asking() {
  const tokens: string[] = [];
  const ask = ({ token }: { token: string }) => void tokens.push(token);
  return { tokens, made: world({ lambda: fakeLambda({ ask, broken: thrower('Broken') }) }) };
}

const task = (name: string, rest: object = {}) => ({
  T: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: name, Payload: { token: '{% $states.context.Task.Token %}' } },
    End: true,
    ...rest,
  },
});

describe('lambda:invoke.waitForTaskToken', () => {
  test('goes on with the output that comes back with the token', async () => {
    const { made, tokens } = asking();
    made.account.clock.after(60_000, () => {
      void callStates(made, 'SendTaskSuccess', { taskToken: tokens[0], output: '{"approved":true}' });
    });
    const ran = await made.run(task('ask'));
    expect([ran.output, ran.seconds]).toEqual([{ approved: true }, 60]);
    expect(ran.types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    expect(ran.events[2]?.taskScheduledEventDetails?.resource).toBe('invoke.waitForTaskToken');
  });

  test('fails with the error that comes back with the token', async () => {
    const { made, tokens } = asking();
    made.account.clock.after(60_000, () => {
      void callStates(made, 'SendTaskFailure', {
        taskToken: tokens[0],
        error: 'Rejected',
        cause: 'too late',
      });
    });
    expect(await made.run(task('ask'))).toMatchObject({ error: 'Rejected', cause: 'too late', seconds: 60 });
  });

  test('the token may come back before the function has ended', async () => {
    const made = world({
      lambda: fakeLambda({
        ask: ({ token }) => void callStates(made, 'SendTaskSuccess', { taskToken: token, output: '"early"' }),
      }),
    });
    expect((await made.run(task('ask'))).output).toBe('early');
  });

  test('fails at once when the function does', async () => {
    const { made } = asking();
    expect(await made.run(task('broken'))).toMatchObject({ error: 'Broken', seconds: 1 });
  });

  test('a token is of no use after the timeout, or twice', async () => {
    const { made, tokens } = asking();
    const ran = await made.run(task('ask', { TimeoutSeconds: 10 }));
    expect([ran.error, ran.seconds]).toEqual(['States.Timeout', 10]);
    const late = callStates(made, 'SendTaskSuccess', { taskToken: tokens[0], output: '1' });
    await expect(late).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });

  test.each([
    [{ taskToken: 'nonsense', output: '1' }, 'InvalidToken'],
    [{ taskToken: 'nonsense', output: '{' }, 'InvalidOutput'],
  ])('SendTaskSuccess %j is %s', async (input, code) => {
    await expect(callStates(asking().made, 'SendTaskSuccess', input)).rejects.toMatchObject({ code });
  });

  test('a missed heartbeat is a timeout that States.HeartbeatTimeout matches', async () => {
    const Catch = [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Missed' }];
    const ran = await asking().made.run({
      ...task('ask', { HeartbeatSeconds: 20, TimeoutSeconds: 100, Catch }),
      Missed: { Type: 'Pass', End: true },
    });
    expect([ran.output, ran.seconds]).toEqual([{ Error: 'States.Timeout' }, 20]);
    expect(ran.events[2]?.taskScheduledEventDetails).toMatchObject({
      heartbeatInSeconds: 20,
      timeoutInSeconds: 100,
    });
  });
});
