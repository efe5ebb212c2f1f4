import { describe, expect, test } from '@jest/globals';
import { StateFailure } from '../../../local/asl/failure.ts';
import { Retries } from '../../../local/asl/retry.ts';
import { type FakeFunction, fakeLambda, invoking, thrower, world } from './world.ts';

/** Fails so many times, then returns how often it was called. */
function failing(times: number, name = 'Throttled'): FakeFunction {
  let calls = 0;
  return (event) => (++calls <= times ? thrower(name)(event) : calls);
}

describe('an error name', () => {
  test.each([
    ['Throttled', ['Throttled'], true],
    ['Throttled', ['throttled'], false],
    ['Throttled', ['Other', 'Throttled'], true],
    ['Throttled', ['States.ALL'], true],
    ['Throttled', ['States.TaskFailed'], true],
    ['States.Timeout', ['States.TaskFailed'], false],
    ['States.Timeout', ['States.Timeout'], true],
    ['States.Timeout', ['States.HeartbeatTimeout'], false],
    ['States.QueryEvaluationError', ['States.ALL'], true],
    ['States.DataLimitExceeded', ['States.ALL'], false],
    ['States.DataLimitExceeded', ['States.TaskFailed'], false],
    ['States.DataLimitExceeded', ['States.DataLimitExceeded'], true],
    ['States.Runtime', ['States.ALL'], false],
    ['States.Runtime', ['States.Runtime'], false],
  ])('%s is matched by %j: %s', (error, errorEquals, matched) => {
    expect(new StateFailure(error).matches(errorEquals)).toBe(matched);
  });

  test('a missed heartbeat is matched as a timeout and by its own name', () => {
    const failure = new StateFailure('States.Timeout', undefined, ['States.HeartbeatTimeout']);
    expect(failure.matches(['States.HeartbeatTimeout'])).toBe(true);
    expect(failure.matches(['States.Timeout'])).toBe(true);
  });
});

describe('the delays of a retrier', () => {
  const delays = (retrier: object, random = () => 0.25) => {
    const retries = new Retries([{ ErrorEquals: ['States.ALL'], ...retrier }]);
    const seen: number[] = [];
    for (let at = 0; at < 10; at++) {
      const delay = retries.next(new StateFailure('E'), random);
      if (delay === undefined) return seen;
      seen.push(delay);
    }
    return seen;
  };

  test.each([
    ['nothing else: 3 attempts, 1 s, doubled', {}, [1, 2, 4]],
    ['another rate', { IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 4 }, [3, 4.5, 6.75, 10.125]],
    ['a longest delay', { IntervalSeconds: 4, MaxDelaySeconds: 10 }, [4, 8, 10]],
    ['full jitter', { IntervalSeconds: 4, MaxDelaySeconds: 10, JitterStrategy: 'FULL' }, [1, 2, 2.5]],
    ['no attempts', { MaxAttempts: 0 }, []],
  ])('with %s', (_what, retrier, expected) => {
    expect(delays(retrier)).toEqual(expected);
  });

  test('each retrier counts for itself, and the first that matches decides', () => {
    const retries = new Retries([
      { ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 7 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 9 },
    ]);
    const next = (name: string) => retries.next(new StateFailure(name), Math.random);
    expect([next('A'), next('B'), next('A'), next('B')]).toEqual([7, 9, undefined, undefined]);
  });
});

describe('Retry', () => {
  const Retry = [{ ErrorEquals: ['Throttled'], IntervalSeconds: 10, BackoffRate: 3, MaxAttempts: 2 }];

  test('tries again after its delays, and every retry is a transition on the bill', async () => {
    const made = world({ lambda: fakeLambda({ flaky: failing(2) }) });
    const ran = await made.run({ T: invoking('flaky', { Retry, End: true }) });
    expect([ran.output, ran.seconds]).toEqual([3, 1 + 10 + 1 + 30 + 1]);
    expect(ran.types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      ...['TaskScheduled', 'TaskStarted', 'TaskFailed'],
      ...['TaskScheduled', 'TaskStarted', 'TaskFailed'],
      ...['TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(ran.events.map((event) => event.previousEventId)).toEqual([
      0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(made.account.meter.units.get('states:transition')).toBe(3);
  });

  test('gives up after MaxAttempts', async () => {
    const ran = await world({ lambda: fakeLambda({ flaky: failing(9) }) }).run({
      T: invoking('flaky', { Retry, End: true }),
    });
    expect(ran).toMatchObject({ status: 'FAILED', error: 'Throttled', seconds: 43 });
  });

  test('leaves other errors alone', async () => {
    const ran = await world({ lambda: fakeLambda({ flaky: failing(1, 'Broken') }) }).run({
      T: invoking('flaky', { Retry, End: true }),
    });
    expect(ran).toMatchObject({ error: 'Broken', seconds: 1 });
  });

  test('tells the state how often it was retried', async () => {
    const services = {
      lambda: fakeLambda({ flaky: (event) => (event.retries < 2 ? thrower('Throttled')(event) : event) }),
    };
    const task = invoking('flaky', { Retry, End: true });
    const Payload = { retries: '{% $states.context.State.RetryCount %}' };
    const ran = await world(services).run({ T: { ...task, Arguments: { FunctionName: 'flaky', Payload } } });
    expect(ran.output).toEqual({ retries: 2 });
  });

  test('tries the whole state again when its Output fails', async () => {
    let calls = 0;
    const services = { lambda: fakeLambda({ count: () => (++calls > 1 ? { n: calls } : {}) }) };
    const ran = await world(services).run({
      T: invoking('count', {
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
        Output: '{% $states.result.Payload.n %}',
        End: true,
      }),
    });
    expect(ran.output).toBe(2);
    expect(ran.types).toContain('EvaluationFailed');
  });
});

describe('Catch', () => {
  const caught = { Caught: { Type: 'Pass', End: true } };

  test('goes on with the error as output where it has no Output', async () => {
    const ran = await world({ lambda: fakeLambda({ broken: thrower('Broken', 'pipe') }) }).run({
      T: invoking('broken', {
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Never' },
          { ErrorEquals: ['States.ALL'], Next: 'Caught' },
        ],
        End: true,
      }),
      Never: { Type: 'Fail' },
      ...caught,
    });
    const Cause = '{"errorType":"Broken","errorMessage":"pipe","trace":[]}';
    expect([ran.status, ran.output]).toEqual(['SUCCEEDED', { Error: 'Broken', Cause }]);
    expect(ran.types.slice(4)).toEqual([
      'TaskFailed',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('comes after the retries', async () => {
    const ran = await world({ lambda: fakeLambda({ broken: thrower('Throttled') }) }).run({
      T: invoking('broken', {
        Retry: [{ ErrorEquals: ['Throttled'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['Throttled'], Output: 'caught', Next: 'Caught' }],
        End: true,
      }),
      ...caught,
    });
    expect([ran.output, ran.seconds]).toEqual(['caught', 3]);
  });

  test('catches an expression of Arguments that fails', async () => {
    const task = invoking('any', {
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: 1, Next: 'Caught' }],
      End: true,
    });
    const ran = await world({ lambda: fakeLambda({}) }).run({
      T: { ...task, Arguments: { FunctionName: '{% $states.input.missing %}' } },
      ...caught,
    });
    expect(ran.output).toBe(1);
    expect(ran.types.slice(0, 4)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'EvaluationFailed',
      'TaskStateExited',
    ]);
  });

  test('does not catch what its own Output throws', async () => {
    const ran = await world({ lambda: fakeLambda({ broken: thrower('Broken') }) }).run({
      T: invoking('broken', {
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input.missing %}', Next: 'Caught' }],
        End: true,
      }),
      ...caught,
    });
    expect(ran.error).toBe('States.QueryEvaluationError');
    expect(ran.cause).toContain("specified for the field 'Catch[0]/Output'");
  });
});
