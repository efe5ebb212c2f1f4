import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as errors from '../../shared/errors.ts';

interface State {
  Type: string;
  Next?: string;
  Default?: string;
  End?: boolean;
  TimeoutSeconds?: unknown;
  Choices?: { Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Retry?: { ErrorEquals: string[]; MaxDelaySeconds?: number; JitterStrategy?: string }[];
  Branches?: Machine[];
  ItemProcessor?: Machine;
}
interface Machine {
  QueryLanguage?: string;
  StartAt: string;
  States: Record<string, State>;
}

const folder = new URL('../../statemachines/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.asl.yml'));
const text = (file: string) => readFileSync(new URL(file, folder), 'utf8');

/** The machine and every machine inside it (branches of Parallel, processors of Map). */
function machinesOf(machine: Machine): Machine[] {
  const inner = Object.values(machine.States).flatMap((state) => [
    ...(state.Branches ?? []),
    ...(state.ItemProcessor ? [state.ItemProcessor] : []),
  ]);
  return [machine, ...inner.flatMap(machinesOf)];
}

function targets(state: State): string[] {
  return [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map((choice) => choice.Next),
    ...(state.Catch ?? []).map((handler) => handler.Next),
  ].filter((name): name is string => name !== undefined);
}

/** AWS's own names that a machine may match. */
const AWS_NAMES = [
  'States.ALL',
  'States.TaskFailed',
  'States.Timeout',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'StepFunctions.ExecutionAlreadyExistsException',
  'States.QueryEvaluationError',
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.AWSStepFunctionsException',
];
const OUR_NAMES = Object.values(errors)
  .filter((value) => typeof value === 'function')
  .map((value) => value.name);

test('there are machines to check', () => {
  expect(files.length).toBeGreaterThanOrEqual(4);
});

describe.each(files)('%s', (file) => {
  const root: Machine = parse(text(file), { merge: true });
  const machines = machinesOf(root);
  const states = machines.flatMap((machine) => Object.entries(machine.States));

  test('begins with a header that says what it is for, what goes in, what comes out and how it fails', () => {
    const header = text(file)
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .join('\n')
      .toLowerCase();
    for (const word of ['input', 'output', 'fail']) expect(header).toContain(word);
  });

  test('speaks JSONata', () => {
    expect(root.QueryLanguage).toBe('JSONata');
  });

  test('reaches every state, and no state that is not there', () => {
    for (const machine of machines) {
      const reached = new Set<string>();
      const queue = [machine.StartAt];
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        if (reached.has(name)) continue;
        reached.add(name);
        const state = machine.States[name];
        if (!state) throw new Error(`${name} is not a state`);
        queue.push(...targets(state));
      }
      expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    }
  });

  test('matches only errors that exist', () => {
    const known = new Set([...AWS_NAMES, ...OUR_NAMES]);
    const matched = states.flatMap(([, state]) =>
      [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap((rule) => rule.ErrorEquals),
    );
    expect(matched.filter((name) => !known.has(name))).toEqual([]);
  });

  test('gives every task a timeout and a retry with jitter and a longest delay', () => {
    for (const [name, state] of states) {
      if (state.Type !== 'Task') continue;
      expect([name, state.TimeoutSeconds !== undefined]).toEqual([name, true]);
      expect([name, (state.Retry ?? []).length > 0]).toEqual([name, true]);
      for (const rule of state.Retry ?? []) {
        expect([name, rule.JitterStrategy, rule.MaxDelaySeconds !== undefined]).toEqual([name, 'FULL', true]);
      }
    }
  });

  test('catches what a task of it may throw, unless nothing has been made yet or a branch hands it on', () => {
    const uncaught = Object.entries(root.States)
      .filter(
        ([, state]) =>
          state.Type === 'Task' &&
          !(state.Catch ?? []).some((rule) => rule.ErrorEquals.includes('States.ALL')),
      )
      .map(([name]) => name);
    // the first task of a machine has nothing to clean up
    expect(uncaught.filter((name) => name !== root.StartAt)).toEqual([]);
  });
});
