import { expect, test } from '@jest/globals';
import { Execution } from '../../../../local/account/states/execution.ts';
import { PastExecutions } from '../../../../local/account/states/pastExecutions.ts';
import { TaskTokens } from '../../../../local/asl/taskTokens.ts';
import type { Machine } from '../../../../local/asl/thread.ts';
import { START, world } from '../../asl/world.ts';

const machine: Machine = {
  arn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:m',
  name: 'm',
  region: 'eu-west-1',
  roleArn: 'arn:aws:iam::123456789012:role/m',
  roleName: 'm',
  definition: { QueryLanguage: 'JSONata', StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  createdAt: START,
};

test('forgets the events of those that ended first once there are too many, never of the last', async () => {
  const { account } = world();
  const ended = async (name: string) => {
    const execution = new Execution(account, { machine, name, input: '{}', tokens: new TaskTokens() });
    await execution.run();
    return execution;
  };
  const [one, two, three] = [await ended('one'), await ended('two'), await ended('three')];
  const past = new PastExecutions(8); // each has 4: started, entered, exited, succeeded
  for (const execution of [one, two, three]) past.add(execution);
  expect([one, two, three].map((each) => past.hasForgotten(each))).toEqual([true, false, false]);
  expect([one, two, three].map((each) => each.history.events.length)).toEqual([0, 4, 4]);
  expect(account.meter.largest.get('states:history')).toBe(4);
  const strict = new PastExecutions(3);
  strict.add(two);
  expect(strict.hasForgotten(two)).toBe(false);
});

test('the largest payload between states is counted, in bytes', async () => {
  const { account } = world();
  const input = JSON.stringify({ text: 'ä'.repeat(100) }); // 11 bytes around 200
  const execution = new Execution(account, { machine, name: 'x', input, tokens: new TaskTokens() });
  await execution.run();
  expect(account.meter.largest.get('states:payload')).toBe(211);
});
