import { describe, expect, test } from '@jest/globals';
import { fakeLambda, invoking, thrower, world } from './world.ts';

const branch = (name: string, ...states: object[]) => ({
  StartAt: `${name}1`,
  States: Object.fromEntries(
    states.map((state, at) => [
      `${name}${at + 1}`,
      {
        ...state,
        ...(at + 1 < states.length ? { Next: `${name}${at + 2}` } : 'Error' in state ? {} : { End: true }),
      },
    ]),
  ),
});
const wait = (Seconds: number) => ({ Type: 'Wait', Seconds });
const say = (Output: unknown) => ({ Type: 'Pass', Output });
const boom = { Type: 'Fail', Error: 'Boom', Cause: 'sibling' };

describe('Parallel', () => {
  test('runs its branches side by side on the same input and gives their outputs in the order written', async () => {
    const ran = await world().run(
      {
        P: {
          Type: 'Parallel',
          Branches: [
            branch('A', wait(30), say('{% $states.input & "1" %}')),
            branch('B', wait(10), say('{% $states.input & "2" %}')),
          ],
          End: true,
        },
      },
      'in',
    );
    expect([ran.output, ran.seconds]).toEqual([['in1', 'in2'], 30]);
  });

  test('gives its Arguments to the branches, and has its result for Output', async () => {
    const ran = await world().run(
      {
        P: {
          Type: 'Parallel',
          Arguments: { n: '{% $states.input.a + 1 %}' },
          Branches: [branch('A', say('{% $states.input.n %}'))],
          Output: '{% {"sum": $sum($states.result) + $states.input.a} %}',
          End: true,
        },
      },
      { a: 1 },
    );
    expect(ran.output).toEqual({ sum: 3 });
  });

  test('has the events of AWS, one branch after the other where they take no time', async () => {
    const ran = await world().run({ P: { Type: 'Parallel', Branches: [branch('A', say(1))], End: true } });
    expect(ran.events.map(({ previousEventId, type }) => [previousEventId, type])).toEqual([
      [0, 'ExecutionStarted'],
      [0, 'ParallelStateEntered'],
      [2, 'ParallelStateStarted'],
      [3, 'PassStateEntered'],
      [4, 'PassStateExited'],
      [5, 'ParallelStateSucceeded'],
      [5, 'ParallelStateExited'],
      [7, 'ExecutionSucceeded'],
    ]);
  });

  test('a failure cuts the other branches off at once and says in which state they were', async () => {
    const ran = await world({ lambda: fakeLambda({ slow: () => 1 }, 100) }).run({
      P: {
        Type: 'Parallel',
        Branches: [
          branch('A', wait(1000)),
          branch('B', wait(5), boom),
          branch('C', invoking('slow', {})),
          branch('D', say(1)),
        ],
        End: true,
      },
    });
    expect(ran).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'sibling', seconds: 5 });
    const at = ran.types.indexOf('FailStateEntered');
    const failed = ran.events[at]?.id;
    expect(ran.events.slice(at + 1).map(({ previousEventId, type }) => [previousEventId, type])).toEqual([
      [failed, 'WaitStateAborted'],
      [failed, 'TaskStateAborted'],
      [failed, 'ParallelStateFailed'],
      [ran.events.at(-2)?.id, 'ExecutionFailed'],
    ]);
  });

  test('what was cut off never comes back', async () => {
    const made = world();
    const ran = await made.run({
      P: {
        Type: 'Parallel',
        Branches: [branch('A', wait(50), say('late')), branch('B', boom)],
        Catch: [{ ErrorEquals: ['Boom'], Next: 'After' }],
        End: true,
      },
      After: { Type: 'Wait', Seconds: 100, End: true },
    });
    await made.account.clock.idle();
    expect([ran.status, ran.seconds]).toEqual(['SUCCEEDED', 100]);
    expect(ran.types.filter((type) => type === 'PassStateEntered')).toEqual([]);
  });

  test('is retried as a whole', async () => {
    let calls = 0;
    const once = () => (++calls === 1 ? thrower('Broken')({}) : calls);
    const ran = await world({ lambda: fakeLambda({ once }) }).run({
      P: {
        Type: 'Parallel',
        Branches: [branch('A', invoking('once', {}))],
        Retry: [{ ErrorEquals: ['Broken'], IntervalSeconds: 2 }],
        End: true,
      },
    });
    expect([ran.output, ran.seconds]).toEqual([[2], 4]);
    expect(ran.types.filter((type) => type.startsWith('Parallel'))).toEqual([
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateFailed',
      'ParallelStateStarted',
      'ParallelStateSucceeded',
      'ParallelStateExited',
    ]);
  });
});

describe('Map', () => {
  const map = (rest: object, ...states: object[]) => ({
    M: {
      Type: 'Map',
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch('I', ...states) },
      End: true,
      ...rest,
    },
  });

  test('does the same with each item of its input', async () => {
    const ran = await world().run(map({}, say('{% $states.input * 10 %}')), [1, 2, 3]);
    expect(ran.output).toEqual([10, 20, 30]);
  });

  test('takes its items from Items and makes each input by ItemSelector', async () => {
    const ran = await world().run(
      map(
        {
          Items: '{% $states.input.list %}',
          ItemSelector: {
            at: '{% $states.context.Map.Item.Index %}',
            value: '{% $states.context.Map.Item.Value %}',
            all: '{% $states.input.all %}',
          },
        },
        { Type: 'Pass' },
      ),
      { list: ['a', 'b'], all: true },
    );
    expect(ran.output).toEqual([
      { at: 0, value: 'a', all: true },
      { at: 1, value: 'b', all: true },
    ]);
  });

  test('of no items is an empty list', async () => {
    const ran = await world().run(map({}, say(1)), []);
    expect(ran.output).toEqual([]);
    expect(ran.types).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test.each([
    ['all at once', {}, 10],
    ['MaxConcurrency at a time', { MaxConcurrency: 2 }, 30],
    ['as many as an expression says', { MaxConcurrency: '{% 1 %}' }, 50],
    ['all at once when it is 0', { MaxConcurrency: 0 }, 10],
  ])('runs iterations %s', async (_what, rest, seconds) => {
    const ran = await world().run(map(rest, wait(10)), [1, 2, 3, 4, 5]);
    expect(ran.seconds).toBe(seconds);
  });

  test('runs at most 40 iterations at a time', async () => {
    const ran = await world().run(
      map({}, wait(10)),
      Array.from({ length: 41 }, (_, at) => at),
    );
    expect(ran.seconds).toBe(20);
  });

  test('has the events of AWS', async () => {
    const ran = await world().run(map({ MaxConcurrency: 1 }, say(1)), [7, 8]);
    expect(ran.events.map(({ previousEventId, type }) => [previousEventId, type])).toEqual([
      [0, 'ExecutionStarted'],
      [0, 'MapStateEntered'],
      [2, 'MapStateStarted'],
      [3, 'MapIterationStarted'],
      [4, 'PassStateEntered'],
      [5, 'PassStateExited'],
      [6, 'MapIterationSucceeded'],
      [3, 'MapIterationStarted'],
      [8, 'PassStateEntered'],
      [9, 'PassStateExited'],
      [10, 'MapIterationSucceeded'],
      [11, 'MapStateSucceeded'],
      [11, 'MapStateExited'],
      [13, 'ExecutionSucceeded'],
    ]);
    expect(ran.events[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
    expect(ran.events[7]?.mapIterationStartedEventDetails).toEqual({ name: 'M', index: 1 });
  });

  test('fails with its first failed iteration and cuts the others off', async () => {
    const pick = {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input = "bad" %}', Next: 'Bad' }],
      Default: 'Long',
    };
    const States = {
      Pick: pick,
      Bad: { Type: 'Wait', Seconds: 5, Next: 'Boom' },
      Boom: boom,
      Long: { ...wait(99), End: true },
    };
    const ran = await world().run(
      { M: { Type: 'Map', ItemProcessor: { StartAt: 'Pick', States }, End: true } },
      ['good', 'bad', 'good'],
    );
    expect(ran).toMatchObject({ error: 'Boom', seconds: 5 });
    const at = ran.types.indexOf('FailStateEntered');
    const failed = ran.events[at]?.id;
    expect(ran.events.slice(at + 1).map(({ previousEventId, type }) => [previousEventId, type])).toEqual([
      [failed, 'MapIterationAborted'],
      [failed, 'WaitStateAborted'],
      [failed, 'MapIterationFailed'],
      [failed, 'MapIterationAborted'],
      [failed, 'WaitStateAborted'],
      [failed, 'MapStateFailed'],
      [ran.events.at(-2)?.id, 'ExecutionFailed'],
    ]);
    expect(ran.events[at + 3]?.mapIterationFailedEventDetails).toEqual({ name: 'M', index: 1 });
  });

  test('items that are no list are an evaluation error', async () => {
    expect((await world().run(map({}, say(1)), { a: 1 })).error).toBe('States.QueryEvaluationError');
    expect((await world().run(map({ Items: '{% 5 %}' }, say(1)), [])).error).toBe(
      'States.QueryEvaluationError',
    );
  });

  test('items are data, even if they look like expressions', async () => {
    const ran = await world().run(map({}, { Type: 'Pass' }), ['{% 1 + 1 %}']);
    expect(ran.output).toEqual(['{% 1 + 1 %}']);
  });
});
