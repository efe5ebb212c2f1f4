import { describe, expect, test } from '@jest/globals';
import { estimatedCost } from '../../cli/cost.ts';
import { detections } from '../../cli/detection.ts';
import { transitions, visitsOf } from '../../cli/history.ts';
import { stepsOf, stepTitle } from '../../cli/steps.ts';
import { HistoryBuilder } from './historyEvents.ts';

/** Launch at 0, three looks with waits between, then a nested execution that has not ended. */
function polling(): HistoryBuilder {
  return new HistoryBuilder()
    .add('ExecutionStarted', 0)
    .state('ReadInput', 'Pass', 0, 0)
    .state('LaunchInstance', 'Task', 0, 2, { instanceId: 'i-1' })
    .state('DescribeInstance', 'Task', 2, 3, { Payload: { ready: false, waitedFor: ['i-1:running'] } })
    .state('IsInstanceRunning', 'Choice', 3, 3)
    .state('WaitForInstance', 'Wait', 3, 13)
    .state('DescribeInstance', 'Task', 13, 14, {
      Payload: { ready: true, waitedFor: ['i-1:running', 'i-1:online'] },
    })
    .state('IsInstanceRunning', 'Choice', 14, 14)
    .enter('BackUp', 'Task', 14)
    .submit('arn:nested', 14);
}

describe('steps of a history', () => {
  test('a loop of looks and waits is one step, named by its wait; choices vanish', () => {
    const steps = stepsOf(visitsOf(polling().events));
    expect(steps.map((step) => [step.name, step.startedAt / 1000, (step.finishedAt ?? 0) / 1000])).toEqual([
      ['LaunchInstance', 0, 2],
      ['WaitForInstance', 2, 14],
      ['BackUp', 14, 0],
    ]);
  });

  test('a step knows the execution that it waits for', () => {
    expect(stepsOf(visitsOf(polling().events)).at(-1)?.nested).toEqual(['arn:nested']);
  });

  test('a step that is looked at again is not finished', () => {
    const history = new HistoryBuilder()
      .state('DescribeImage', 'Task', 0, 1)
      .state('WaitForImage', 'Wait', 1, 3)
      .enter('DescribeImage', 'Task', 3);
    expect(stepsOf(visitsOf(history.events))).toEqual([
      { name: 'WaitForImage', startedAt: 0, waits: true, nested: [] },
    ]);
  });

  test('every state entered and every retry is a transition', () => {
    const history = polling().add('TaskScheduled', 20).add('TaskFailed', 21).add('TaskScheduled', 22);
    expect(transitions(history.events)).toBe(8 + 2);
    expect(estimatedCost([history.events]).dollars).toBeCloseTo(0.00025, 8);
  });

  test.each([
    ['WaitForImage', 'wait for image'],
    ['CreateImages', 'create images'],
  ])('%s is read as %s', (state, title) => {
    expect(stepTitle(state)).toBe(title);
  });
});

describe('detection lag', () => {
  const moments = (known: Record<string, number[]>) => ({
    at: (key: string, until = Number.POSITIVE_INFINITY) => known[key]?.findLast((moment) => moment <= until),
  });

  test('is from the moment when all were ready to the end of the look that saw it', () => {
    const known = moments({ 'i-1:running': [9_000], 'i-1:online': [12_000, 99_000] });
    expect(detections([polling().events], known)).toEqual([
      {
        waitedFor: ['i-1:running', 'i-1:online'],
        readyAt: '1970-01-01T00:00:12.000Z',
        noticedAt: '1970-01-01T00:00:14.000Z',
        lagSeconds: 2,
      },
    ]);
  });

  test('counts from the beginning of the wait for what was there before', () => {
    const known = moments({ 'i-1:running': [-60_000], 'i-1:online': [-90_000] });
    // The first look began at 2 and the last one ended at 14.
    expect(detections([polling().events], known)).toMatchObject([{ lagSeconds: 12 }]);
  });

  test('a wait of which the account knows nothing has none', () => {
    expect(detections([polling().events], moments({}))).toEqual([]);
  });
});
