import { describe, expect, test } from '@jest/globals';
import { world } from './world.ts';

/** The output of a Pass state with this Output, for this input. */
async function outputOf(Output: unknown, input: unknown = {}) {
  return await world().run({ P: { Type: 'Pass', Output, End: true } }, input);
}

describe('a JSONata expression', () => {
  test.each([
    ['a field of the input', '{% $states.input.a.b %}', { a: { b: [1, null] } }, [1, null]],
    [
      'templates at any depth',
      { x: [{ y: '{% $states.input.n + 1 %}' }], z: 'plain' },
      { n: 1 },
      { x: [{ y: 2 }], z: 'plain' },
    ],
    ['a text that is no expression', 'n is {% 1 %}', {}, 'n is {% 1 %}'],
    ['several lines', '{%\n  (\n    $a := 2;\n    $a * 3\n  )\n%}', {}, 6],
    ['$partition', '{% $partition([1,2,3,4,5], 2) %}', {}, [[1, 2], [3, 4], [5]]],
    ['$range', '{% $range(0, 6, 3) %}', {}, [0, 3, 6]],
    [
      '$hash',
      "{% $hash('abc', 'SHA-256') %}",
      {},
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
    ['$parse', '{% $parse(\'{"a":[true]}\').a %}', {}, [true]],
    ['$random with a seed, the same every time', '{% $random(7) = $random(7) %}', {}, true],
    ['$now on the virtual clock', '{% $now() %}', {}, '2026-01-02T03:04:05.000Z'],
    ['$now with a picture', "{% $now('[Y]-[M01]') %}", {}, '2026-01'],
    ['$millis on the virtual clock', '{% $millis() %}', {}, 1_767_323_045_000],
    ['null', '{% null %}', {}, null],
  ])('gives %s', async (_what, output, input, expected) => {
    const ran = await outputOf(output, input);
    expect([ran.status, ran.output]).toEqual(['SUCCEEDED', expected]);
  });

  test('$uuid is a version 4 UUID, another one each time, the same in a run of the same seed', async () => {
    const first = await outputOf('{% [$uuid(), $uuid()] %}');
    const again = await outputOf('{% [$uuid(), $uuid()] %}');
    expect(first.output[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first.output[1]).not.toBe(first.output[0]);
    expect(again.output).toEqual(first.output);
  });

  test.each([
    [
      'Output',
      '{% $states.input.missing %}',
      'Output',
      '$states.input.missing',
      'returned nothing (undefined).',
    ],
    [
      'a nested template',
      { v: ['{% $states.input.missing %}'] },
      'Output/v[0]',
      '$states.input.missing',
      'returned nothing (undefined).',
    ],
    [
      'an error of JSONata',
      "{% 1 + 'a' %}",
      'Output',
      "1 + 'a'",
      'threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number',
    ],
    [
      'an error of an added function',
      "{% $hash('a', 'SHA-9') %}",
      'Output',
      "$hash('a', 'SHA-9')",
      'threw an error during evaluation: $hash does not know the algorithm SHA-9',
    ],
    [
      '$eval',
      "{% $eval('1') %}",
      'Output',
      "$eval('1')",
      'threw an error during evaluation. T1006: Attempted to invoke a non-function',
    ],
    [
      'a function as the result',
      '{% $sum %}',
      'Output',
      '$sum',
      'threw an error during evaluation: the result is a function',
    ],
  ])('%s fails the state by the name of its field', async (_what, output, field, source, what) => {
    const ran = await outputOf(output);
    const cause = `An error occurred while executing the state 'P' (entered at the event id #2). The JSONata expression '${source}' specified for the field '${field}' ${what}`;
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError', cause });
    expect(ran.types).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'EvaluationFailed',
      'ExecutionFailed',
    ]);
    expect(ran.events[2]?.evaluationFailedEventDetails).toEqual({
      error: 'States.QueryEvaluationError',
      cause,
      location: field,
      state: 'P',
    });
  });

  test('sees the context object', async () => {
    const ran = await world().run(
      {
        W: { Type: 'Wait', Seconds: 60, Next: 'P' },
        P: { Type: 'Pass', Output: '{% $states.context %}', End: true },
      },
      { a: 1 },
    );
    expect(ran.output).toEqual({
      Execution: {
        Id: 'arn:aws:states:eu-west-1:123456789012:execution:machine:run-1',
        Input: { a: 1 },
        Name: 'run-1',
        RoleArn: 'arn:aws:iam::123456789012:role/machine-role',
        StartTime: '2026-01-02T03:04:05.000Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:machine', Name: 'machine' },
      State: { Name: 'P', EnteredTime: '2026-01-02T03:05:05.000Z', RetryCount: 0 },
    });
  });

  test('text of the input that looks like an expression is data', async () => {
    const ran = await outputOf('{% $states.input %}', { a: '{% 1 + 1 %}' });
    expect(ran.output).toEqual({ a: '{% 1 + 1 %}' });
  });
});

describe('a payload', () => {
  test('of 256 KiB passes', async () => {
    const ran = await outputOf("{% $pad('', 262142, 'x') %}");
    expect(ran.output).toHaveLength(262_142);
  });

  test('of more fails with States.DataLimitExceeded', async () => {
    const ran = await outputOf("{% $pad('', 262143, 'x') %}");
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
