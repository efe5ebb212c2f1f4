import { expect, test } from '@jest/globals';
import { fakeLambda, invoking, thrower, world } from './world.ts';

test('a variable is there in the states after the one that assigned it', async () => {
  const ran = await world().run({
    A: { Type: 'Pass', Assign: { n: 1, list: ['{% 2 %}'] }, Next: 'B' },
    B: { Type: 'Pass', Output: '{% [$n, $list] %}', End: true },
  });
  expect(ran.output).toEqual([1, 2]);
  expect(ran.events[2]?.stateExitedEventDetails?.assignedVariables).toEqual({ n: '1', list: '[2]' });
});

test('Assign and Output both see the variables as they were before', async () => {
  const ran = await world().run({
    A: { Type: 'Pass', Assign: { n: 1, m: 1 }, Next: 'B' },
    B: { Type: 'Pass', Assign: { n: '{% $n + 1 %}', m: '{% $n + 10 %}' }, Output: '{% $n %}', Next: 'C' },
    C: { Type: 'Pass', Output: '{% [$states.input, $n, $m] %}', End: true },
  });
  expect(ran.output).toEqual([1, 2, 11]);
});

test('a branch has its own copy, and what it assigns stays in it', async () => {
  const ran = await world().run({
    A: { Type: 'Pass', Assign: { n: 1 }, Next: 'P' },
    P: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'X',
          States: {
            X: { Type: 'Pass', Assign: { inner: '{% $n + 1 %}' }, Next: 'Y' },
            Y: { Type: 'Pass', Output: '{% $inner %}', End: true },
          },
        },
      ],
      Next: 'B',
    },
    B: { Type: 'Pass', Output: '{% {"result": $states.input, "inner": $exists($inner)} %}', End: true },
  });
  expect(ran.output).toEqual({ result: [2], inner: false });
});

test('a catcher assigns from the error, and the state does not', async () => {
  const services = { lambda: fakeLambda({ broken: thrower('Broken', 'pipe') }) };
  const ran = await world(services).run(
    {
      T: invoking('broken', {
        Assign: { done: true },
        Catch: [
          {
            ErrorEquals: ['Broken'],
            Assign: { error: '{% $states.errorOutput.Error %}', was: '{% $states.input %}' },
            Output: '{% $parse($states.errorOutput.Cause).errorMessage %}',
            Next: 'C',
          },
        ],
        End: true,
      }),
      C: { Type: 'Pass', Output: '{% [$states.input, $error, $was.a, $exists($done)] %}', End: true },
    },
    { a: 5 },
  );
  expect(ran.output).toEqual(['pipe', 'Broken', 5, false]);
});

test('a rule of a Choice assigns, and the state itself when none holds', async () => {
  const machine = {
    C: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.go %}', Assign: { by: 'rule' }, Output: 1, Next: 'P' }],
      Assign: { by: 'default' },
      Output: 2,
      Default: 'P',
    },
    P: { Type: 'Pass', Output: '{% [$states.input, $by] %}', End: true },
  };
  expect((await world().run(machine, { go: true })).output).toEqual([1, 'rule']);
  expect((await world().run(machine, { go: false })).output).toEqual([2, 'default']);
});

test('one Assign of more than 256 KiB is States.DataLimitExceeded', async () => {
  const half = "{% $pad('', 140000, 'x') %}";
  const ran = await world().run({
    A: { Type: 'Pass', Assign: { a: half }, Next: 'B' },
    B: { Type: 'Pass', Assign: { b: half, c: half }, End: true },
  });
  expect(ran).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(ran.types).toContain('PassStateExited');
});
