import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimerQueue } from '../../local/timerQueue.ts';

const action = () => {};

test('gives out timers by their moments, and of one moment in the order of adding, whichever were removed', () => {
  const timers = fc.array(fc.record({ due: fc.integer({ min: 0, max: 9 }), removed: fc.boolean() }));
  fc.assert(
    fc.property(timers, (wanted) => {
      const queue = new TimerQueue();
      const removals = wanted.map(({ due }, order) => queue.add({ due, order, action }));
      wanted.forEach(({ removed }, order) => {
        if (removed) removals[order]?.();
      });
      const taken: string[] = [];
      while (queue.size > 0) {
        const timer = queue.take();
        taken.push(`${timer?.due} ${String(timer?.order).padStart(3)}`);
      }
      const left = wanted.flatMap(({ due, removed }, order) =>
        removed ? [] : [`${due} ${String(order).padStart(3)}`],
      );
      expect(taken).toEqual(left.sort());
      expect(queue.take()).toBeUndefined();
    }),
  );
});

test('a removal after the timer was taken does nothing to the others', () => {
  const queue = new TimerQueue();
  const remove = queue.add({ due: 1, order: 0, action });
  queue.add({ due: 2, order: 1, action });
  expect(queue.take()?.due).toBe(1);
  remove();
  expect(queue.size).toBe(1);
  expect(queue.take()?.due).toBe(2);
});
