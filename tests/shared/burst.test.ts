import { describe, expect, test } from '@jest/globals';
import { sendBurst } from '../../shared/burst.ts';

/** A fault as the SDK throws it. */
const named = (name: string) => Object.assign(new Error(name), { name });

/** Calls that are under way until the next turn, the ones of `refused` to be refused. */
function service(refused: number[] = [], code = 'RequestLimitExceeded') {
  const state = { sent: [] as number[], underWay: 0, most: 0 };
  const send = async (item: number) => {
    state.sent.push(item);
    state.most = Math.max(state.most, ++state.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    state.underWay--;
    if (refused.includes(item)) throw named(code);
    return item * 10;
  };
  return { state, send };
}

const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe('a burst', () => {
  test('sends what may go, a few side by side, and leaves the rest', async () => {
    const { state, send } = service();
    const { done, throttled, answers, left } = await sendBurst(ten, { sure: 7, more: 0 }, send, {
      sideBySide: 3,
    });
    expect([done, throttled, left]).toEqual([7, false, [8, 9, 10]]);
    expect(answers.map(({ item, result }) => [item, result])).toContainEqual([7, 70]);
    expect(state.most).toBe(3);
  });

  test('stops at the first refusal, and leaves what was refused', async () => {
    const { state, send } = service([4, 5]);
    const { done, throttled, left } = await sendBurst(ten, { sure: 10, more: 0 }, send, { sideBySide: 2 });
    expect([done, throttled, left]).toEqual([3, true, [4, 5, 6, 7, 8, 9, 10]]);
    expect(state.sent).toEqual([1, 2, 3, 4, 5]);
  });

  test('begins no call once its time is over, and leaves the rest', async () => {
    const { state, send } = service();
    const isOver = () => state.sent.length >= 4;
    const { done, throttled, left } = await sendBurst(ten, { sure: 6, more: 4 }, send, {
      sideBySide: 2,
      isOver,
    });
    expect([done, throttled, left]).toEqual([4, false, [5, 6, 7, 8, 9, 10]]);
  });

  test('tries more than is sure one by one', async () => {
    const { state, send } = service([6]);
    const { done, throttled, left } = await sendBurst(ten, { sure: 4, more: 6 }, send, { sideBySide: 4 });
    expect([done, throttled, left]).toEqual([5, true, [6, 7, 8, 9, 10]]);
    expect(state.sent).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('ends with any other fault, once the calls under way have come back', async () => {
    const { state, send } = service([2], 'InternalError');
    await expect(sendBurst(ten, { sure: 10, more: 0 }, send, { sideBySide: 3 })).rejects.toThrow(
      'InternalError',
    );
    expect(state.underWay).toBe(0);
    expect(state.sent.length).toBeLessThan(10);
  });
});
