import { describe, expect, test } from '@jest/globals';
import { fake, world } from './world.ts';

const pass = { Type: 'Pass', End: true };
const task = (Resource: string, rest: object = {}) => ({ Type: 'Task', Resource, End: true, ...rest });
const map = (processor: object, rest: object = {}) => ({
  Type: 'Map',
  ItemProcessor: { StartAt: 'I', States: { I: pass }, ...processor },
  End: true,
  ...rest,
});
const invoke = 'arn:aws:states:::lambda:invoke';

/** What a machine of these states is refused with; undefined when it is created. */
function refusal(states: object, rest: object = {}): string | undefined {
  const made = world({ ec2: fake('ec2', { DescribeImages: () => ({}) }) });
  try {
    made.create('machine', states, rest);
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

describe('a machine is refused by name', () => {
  test.each<[string, object, object, string]>([
    [
      'JSONPath',
      { P: pass },
      { QueryLanguage: 'JSONPath' },
      'must be JSONata, at the top of the machine at /QueryLanguage',
    ],
    ['no query language', { P: pass }, { QueryLanguage: undefined }, 'must be JSONata'],
    ['JSONPath in a state', { P: { ...pass, QueryLanguage: 'JSONPath' } }, {}, '/States/P/QueryLanguage'],
    [
      'a field of JSONPath',
      { P: { ...pass, ResultPath: '$' } },
      {},
      'Unrecognized key: "ResultPath": not supported',
    ],
    ['an unknown field of the machine', { P: pass }, { Foo: 1 }, 'Unrecognized key: "Foo"'],
    ['a state of an unknown type', { P: { ...pass, Type: 'Loop' } }, {}, 'Expected ("Task" | "Choice"'],
    ['Credentials', { T: task(invoke, { Credentials: {} }) }, {}, 'Unrecognized key: "Credentials"'],
    [
      'a distributed Map',
      { M: map({ ProcessorConfig: { Mode: 'DISTRIBUTED' } }) },
      {},
      'a distributed Map is not supported',
    ],
    ['ItemReader', { M: map({}, { ItemReader: {} }) }, {}, 'it belongs to a distributed Map'],
    [
      'ToleratedFailureCount',
      { M: map({}, { ToleratedFailureCount: 1 }) },
      {},
      'it belongs to a distributed Map',
    ],
    [
      'an integration that is not known',
      { T: task('arn:aws:states:::ecs:runTask.sync') },
      {},
      '"arn:aws:states:::ecs:runTask.sync" is not supported',
    ],
    [
      "a function's ARN as the resource",
      { T: task('arn:aws:lambda:eu-west-1:1:function:f') },
      {},
      'is not supported',
    ],
    ['another partition', { T: task('arn:aws-cn:states:::lambda:invoke') }, {}, 'is not supported'],
    [
      'an operation that is not simulated',
      { T: task('arn:aws:states:::aws-sdk:ec2:rebootInstances') },
      {},
      'is not simulated',
    ],
    [
      'a service that is not simulated',
      { T: task('arn:aws:states:::aws-sdk:ssm:getParameter') },
      {},
      'is not simulated',
    ],
    [
      'an argument that the integration does not take',
      { T: task(invoke, { Arguments: { Function: 'f' } }) },
      {},
      'The field "Function" is not supported by Step Functions',
    ],
    [
      'a token that is not passed on',
      { T: task(`${invoke}.waitForTaskToken`, { Arguments: { FunctionName: 'f' } }) },
      {},
      'The task token must be passed',
    ],
    [
      'a heartbeat without a token',
      { T: task(invoke, { HeartbeatSeconds: 5 }) },
      {},
      '"HeartbeatSeconds" is supported for .waitForTaskToken only',
    ],
    [
      'a target that is not there',
      { P: { Type: 'Pass', Next: 'Q' } },
      {},
      'Missing "Next" target: Q at /States/P',
    ],
    ['a start that is not there', { P: pass }, { StartAt: 'Q' }, 'There is no state "Q"'],
    [
      'a state that is never reached',
      { P: pass, Q: pass },
      {},
      'Missing transition to this state at /States/Q',
    ],
    ['a state without a way on', { P: { Type: 'Pass' } }, {}, 'needs one of "Next" and "End"'],
    ['a state with two ways on', { P: { ...pass, Next: 'P' } }, {}, 'needs one of "Next" and "End"'],
    ['a name used twice', { I: map({}) }, {}, 'The name "I" is used twice'],
    [
      'a Wait without an end',
      { W: { Type: 'Wait', End: true } },
      {},
      'needs one of "Seconds" and "Timestamp"',
    ],
    [
      'States.ALL before others',
      { T: task(invoke, { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }) },
      {},
      'States.ALL must stand alone and last in "Retry"',
    ],
    [
      'States.ALL beside others',
      { T: task(invoke, { Retry: [{ ErrorEquals: ['A', 'States.ALL'] }] }) },
      {},
      'States.ALL must stand alone',
    ],
    [
      'an unknown field of a retrier',
      { T: task(invoke, { Retry: [{ ErrorEquals: ['A'], Delay: 1 }] }) },
      {},
      'Unrecognized key: "Delay"',
    ],
    [
      'an expression that does not parse',
      { P: { ...pass, Output: '{% 1 + %}' } },
      {},
      "'1 +' is not valid: Unexpected end of expression at /States/P/Output",
    ],
    [
      '$states.result where there is none',
      { P: { ...pass, Output: '{% $states.result %}' } },
      {},
      '$states.result is not available here',
    ],
    [
      '$states.result in Arguments',
      { T: task(invoke, { Arguments: { FunctionName: '{% $states.result %}' } }) },
      {},
      '$states.result is not available',
    ],
    [
      '$states.errorOutput outside Catch',
      { P: { ...pass, Output: { e: '{% $states.errorOutput %}' } } },
      {},
      '$states.errorOutput is available in Catch only',
    ],
    [
      'a misspelt $states field',
      { P: { ...pass, Output: '{% $states.inputs.a %}' } },
      {},
      'There is no $states.inputs',
    ],
    [
      'a field name without an input',
      { P: { ...pass, Output: '{% a.b %}' } },
      {},
      '"a" has no input to refer to',
    ],
    ['$', { P: { ...pass, Output: '{% $.a %}' } }, {}, '"$" has no input to refer to'],
    [
      'a variable called states',
      { P: { ...pass, Assign: { states: 1 } } },
      {},
      '"states" cannot be the name of a variable',
    ],
    [
      'a variable with a dollar',
      { P: { ...pass, Assign: { $x: 1 } } },
      {},
      '"$x" cannot be the name of a variable',
    ],
    [
      'an inner variable that hides an outer one',
      {
        P: { Type: 'Pass', Assign: { x: 1 }, Next: 'M' },
        M: map({ States: { I: { ...pass, Assign: { x: 2 } } } }),
      },
      {},
      'The variable "x" belongs to an outer flow at /States/M/States/I',
    ],
    [
      'a fault deep inside',
      { M: map({ States: { I: { ...pass, Output: '{% 1 + %}' } } }) },
      {},
      'at /States/M/States/I/Output',
    ],
    ['a timeout of nothing', { T: task(invoke, { TimeoutSeconds: 0 }) }, {}, '/States/T/TimeoutSeconds'],
  ])('%s', (_what, states, rest, words) => {
    const message = refusal(states, rest);
    expect(message).toMatch(
      /^InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: /,
    );
    expect(message).toContain(words);
  });
});

describe('a machine is created', () => {
  test.each<[string, object]>([
    ['with an SDK operation that is simulated', { T: task('arn:aws:states:::aws-sdk:ec2:describeImages') }],
    [
      'with names inside a filter, a sort, a grouping and a transform',
      {
        P: {
          ...pass,
          Output: {
            a: '{% $states.input.list[name = "x"].size %}',
            b: '{% $states.input.list^(name) %}',
            c: '{% $states.input.list{name: size} %}',
            d: '{% $states.input ~> |list|{"size": size + 1}| %}',
            e: '{% $map($states.input.list, function($item) { $item.name & $item.size }) %}',
            f: '{% ($list := $states.input.list; $list[size > 1].{"n": name}) %}',
          },
        },
      },
    ],
    [
      'with $states.errorOutput and $states.input in Catch',
      {
        T: task(invoke, {
          Catch: [
            { ErrorEquals: ['States.ALL'], Output: '{% [$states.errorOutput, $states.input] %}', Next: 'P' },
          ],
        }),
        P: pass,
      },
    ],
    [
      'with $states.result in Output and Assign of a Task',
      {
        T: task(invoke, {
          Output: '{% $states.result.Payload %}',
          Assign: { x: { y: '{% $states.result %}' } },
        }),
      },
    ],
    ['with what looks like an expression in a comment', { P: { ...pass, Comment: '{% not one %}' } }],
    [
      'with the same inner variable in two branches',
      {
        P: {
          Type: 'Parallel',
          Branches: ['A', 'B'].map((name) => ({
            StartAt: name,
            States: { [name]: { ...pass, Assign: { x: 1 } } },
          })),
          End: true,
        },
      },
    ],
  ])('%s', (_what, states) => {
    expect(refusal(states)).toBeUndefined();
  });
});
