import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../local/clock.ts';

describe('the virtual clock', () => {
  test('jumps to the next timer when nothing real is under way', async () => {
    const clock = new Clock({ start: 1_000 });
    await clock.sleep(3_600_000);
    expect(clock.now()).toBe(3_601_000);
  });

  test('stands still while real work is held', async () => {
    const clock = new Clock({ start: 0 });
    const seen: number[] = [];
    clock.after(10, () => {
      seen.push(clock.now());
    });
    await clock.hold(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(clock.now());
    });
    await clock.idle();
    expect(seen).toEqual([0, 10]);
  });

  test('fires timers of one moment in the order in which they were set, and none that was cancelled', async () => {
    const clock = new Clock({ start: 0 });
    const seen: string[] = [];
    clock.after(5, () => void seen.push('b'));
    clock.after(5, () => void seen.push('c'));
    clock.after(1, () => void seen.push('a'));
    const cancel = clock.after(3, () => void seen.push('never'));
    cancel();
    await clock.idle();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('waits for an asynchronous timer before it moves on', async () => {
    const clock = new Clock({ start: 0 });
    const seen: number[] = [];
    clock.after(5, async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push(clock.now());
    });
    clock.after(6, () => void seen.push(clock.now()));
    await clock.idle();
    expect(seen).toEqual([5, 6]);
  });

  test('with a speed, virtual seconds pass as real ones do, faster', async () => {
    const clock = new Clock({ start: 0, speed: 1_000 });
    const began = performance.now();
    await clock.sleep(20_000);
    expect(performance.now() - began).toBeGreaterThanOrEqual(19);
    expect(clock.now()).toBeGreaterThanOrEqual(20_000);
  });
});
