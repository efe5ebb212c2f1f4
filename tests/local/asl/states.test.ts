import { describe, expect, test } from '@jest/globals';
import { START, world } from './world.ts';

const done = { Type: 'Succeed' };

describe('Pass', () => {
  test('gives its input as it is', async () => {
    const ran = await world().run({ P: { Type: 'Pass', End: true } }, { a: 1 });
    expect(ran.output).toEqual({ a: 1 });
    expect(ran.events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'PassStateEntered'],
      [3, 2, 'PassStateExited'],
      [4, 3, 'ExecutionSucceeded'],
    ]);
  });
});

describe('Succeed', () => {
  test('ends the execution with its Output', async () => {
    const ran = await world().run({ S: { ...done, Output: { n: '{% $states.input.n %}' } } }, { n: 3 });
    expect([ran.status, ran.output]).toEqual(['SUCCEEDED', { n: 3 }]);
    expect(ran.types).toEqual([
      'ExecutionStarted',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });
});

describe('Fail', () => {
  test('ends the execution with its error and cause, which may be expressions', async () => {
    const ran = await world().run(
      { F: { Type: 'Fail', Error: 'DrillFailed', Cause: "{% 'because of ' & $states.input.why %}" } },
      { why: 'rain' },
    );
    expect(ran).toMatchObject({
      status: 'FAILED',
      error: 'DrillFailed',
      cause: 'because of rain',
      output: undefined,
    });
    expect(ran.types).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
    expect(ran.events[2]).toMatchObject({
      previousEventId: 2,
      executionFailedEventDetails: { error: 'DrillFailed', cause: 'because of rain' },
    });
  });

  test('without either fails all the same', async () => {
    const ran = await world().run({ F: { Type: 'Fail' } });
    expect([ran.status, ran.error, ran.cause]).toEqual(['FAILED', undefined, undefined]);
  });

  test('a cause that is no text is an evaluation error', async () => {
    const ran = await world().run({ F: { Type: 'Fail', Cause: '{% 1 %}' } });
    expect(ran.error).toBe('States.QueryEvaluationError');
  });
});

describe('Wait', () => {
  test.each([
    ['seconds', { Seconds: 90 }, 90],
    ['seconds from an expression', { Seconds: '{% $states.input.n * 2 %}' }, 14],
    ['no seconds', { Seconds: 0 }, 0],
    ['a moment', { Timestamp: '2026-01-02T03:05:05Z' }, 60],
    ['a moment with an offset, from an expression', { Timestamp: "{% '2026-01-02T04:05:05+01:00' %}" }, 60],
    ['a moment that has passed', { Timestamp: '2020-01-01T00:00:00Z' }, 0],
  ])('waits %s', async (_what, how, seconds) => {
    const ran = await world().run({ W: { Type: 'Wait', ...how, End: true } }, { n: 7 });
    expect([ran.status, ran.seconds, ran.output]).toEqual(['SUCCEEDED', seconds, { n: 7 }]);
    expect(ran.events[2]).toMatchObject({
      type: 'WaitStateExited',
      timestamp: new Date(START + seconds * 1000),
    });
  });

  test.each([
    ['a text', "{% 'soon' %}"],
    ['a negative number', '{% -1 %}'],
    ['a fraction', '{% 1.5 %}'],
  ])('%s of seconds is an evaluation error', async (_what, Seconds) => {
    const ran = await world().run({ W: { Type: 'Wait', Seconds, End: true } });
    expect(ran).toMatchObject({ error: 'States.QueryEvaluationError', seconds: 0 });
    expect(ran.cause).toContain("specified for the field 'Seconds' returned an unexpected result type");
  });

  test('a moment in another format is an evaluation error', async () => {
    const ran = await world().run({ W: { Type: 'Wait', Timestamp: "{% 'tomorrow' %}", End: true } });
    expect(ran.error).toBe('States.QueryEvaluationError');
  });
});

describe('Choice', () => {
  const choice = {
    C: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Big' },
        { Condition: '{% $states.input.n > 5 %}', Output: 'middle', Next: 'Middle' },
      ],
    },
    Big: { Type: 'Pass', Output: 'big', End: true },
    Middle: { Type: 'Pass', End: true },
  };

  test('takes the first rule that holds', async () => {
    expect((await world().run(choice, { n: 11 })).output).toBe('big');
    expect((await world().run(choice, { n: 6 })).output).toBe('middle');
  });

  test('takes Default when none holds', async () => {
    const ran = await world().run({ ...choice, C: { ...choice.C, Default: 'Big' } }, { n: 1 });
    expect(ran.output).toBe('big');
  });

  test('without Default is States.Runtime', async () => {
    const ran = await world().run(choice, { n: 1 });
    expect(ran).toMatchObject({
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    });
  });

  test('a condition that is not true or false is an evaluation error', async () => {
    const rule = { Condition: '{% $states.input.n %}', Next: 'Done' };
    const ran = await world().run(
      { C: { Type: 'Choice', Choices: [rule], Default: 'Done' }, Done: done },
      { n: 1 },
    );
    expect(ran.error).toBe('States.QueryEvaluationError');
    expect(ran.cause).toContain("specified for the field 'Choices[0]/Condition'");
  });
});
