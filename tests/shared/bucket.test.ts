import { describe, expect, test } from '@jest/globals';
import { type Limit, TokenBucket } from '../../local/account/ec2/throttle.ts';
import {
  afterBurst,
  newBucket,
  nextBurst,
  type RequestBucket,
  secondsToNextBurst,
  untilNow,
} from '../../shared/bucket.ts';

const START = Date.UTC(2026, 10, 24);
const at = (seconds: number) => new Date(START + seconds * 1000);
const CREATE_IMAGE = { size: 50, refill: 5 };

/** Sends as much as may go at a moment; `refusedAfter` calls AWS refuses. */
function send(bucket: RequestBucket, left: number, seconds: number, refusedAfter?: number): RequestBucket {
  const burst = nextBurst(bucket, left, at(seconds));
  const sent = { done: refusedAfter ?? burst.sure, throttled: refusedAfter !== undefined };
  return afterBurst(bucket, burst, sent, at(seconds));
}

describe('a bucket of request tokens, by hand', () => {
  test('begins full, and then sends half a bucket as soon as it is there', () => {
    const full = newBucket(CREATE_IMAGE, at(0));
    expect(nextBurst(full, 1000, at(0))).toEqual({ sure: 50, more: 0 });
    const empty = send(full, 1000, 0);
    expect(nextBurst(empty, 950, at(0))).toEqual({ sure: 0, more: 0 });
    expect(secondsToNextBurst(empty, 950, at(0))).toBe(5); // 25 tokens at 5 a second
    expect(nextBurst(empty, 950, at(5))).toEqual({ sure: 25, more: 0 });
    expect(secondsToNextBurst(send(empty, 950, 5), 925, at(5))).toBe(5);
  });

  test('waits no longer than for what is left', () => {
    const empty = send(newBucket(CREATE_IMAGE, at(0)), 1000, 0);
    expect(secondsToNextBurst(empty, 10, at(0))).toBe(2);
    expect(nextBurst(empty, 10, at(2))).toEqual({ sure: 10, more: 0 });
    expect(secondsToNextBurst(empty, 0, at(0))).toBe(0);
  });

  test('counts what came back while a burst was under way', () => {
    const full = newBucket(CREATE_IMAGE, at(0));
    const after = afterBurst(full, { sure: 50, more: 0 }, { done: 50, throttled: false }, at(0));
    const second = afterBurst(after, { sure: 25, more: 0 }, { done: 25, throttled: false }, at(6.3));
    expect(second.tokens).toBeCloseTo(6.5); // 31.5 came back in 6.3 s
    expect(secondsToNextBurst(second, 900, at(6.3))).toBe(4); // 18.5 more, in 3.7 s
  });

  test('counts nothing that came back while it was full', () => {
    const waiting = untilNow(newBucket(CREATE_IMAGE, at(0)), at(2));
    const empty = afterBurst(waiting, { sure: 50, more: 0 }, { done: 50, throttled: false }, at(2));
    expect(empty.tokens).toBe(0);
    expect(empty.emptyAt).toBe(at(2).getTime());
  });

  test('never holds more than its size', () => {
    expect(nextBurst(send(newBucket(CREATE_IMAGE, at(0)), 1000, 0), 1000, at(3600)).sure).toBe(50);
  });

  test('begins with fewer tokens, and with a share of the refill, when told', () => {
    const shared = newBucket(CREATE_IMAGE, at(0), { tokens: 10, share: 0.5 });
    expect(nextBurst(shared, 1000, at(0)).sure).toBe(10);
    expect(secondsToNextBurst(send(shared, 1000, 0), 990, at(0))).toBe(10); // 25 tokens at 2.5 a second
  });

  test('learns from a refusal what others leave of it', () => {
    const empty = send(newBucket(CREATE_IMAGE, at(0)), 1000, 0);
    const refused = send(empty, 950, 5, 12);
    expect(refused.rate).toBeCloseTo(2.328); // 12 calls in 5 s, trusted up to 3%
    expect(refused.tokens).toBe(0);
    expect(secondsToNextBurst(refused, 938, at(5))).toBe(11); // 25 tokens at 2.328 a second: 10.7 s
  });

  test('is asked again after a minute at the latest, even if others take everything', () => {
    let bucket = send(newBucket(CREATE_IMAGE, at(0)), 1000, 0);
    for (const seconds of [10, 20, 30, 40, 50]) bucket = send(bucket, 950, seconds, 0);
    expect(bucket.rate).toBe(0.1); // a fiftieth of the refill
    expect(secondsToNextBurst(bucket, 950, at(50))).toBe(32); // 2 to the fifth
    for (const seconds of [82, 142]) bucket = send(bucket, 950, seconds, 0);
    expect(secondsToNextBurst(bucket, 950, at(142))).toBe(60);
  });

  test('waits longer each time while nothing goes through, however little is left', () => {
    let bucket = send(newBucket(CREATE_IMAGE, at(0)), 53, 0);
    const waits: number[] = [];
    for (let now = 0; waits.length < 9; ) {
      const wait = secondsToNextBurst(bucket, 3, at(now));
      waits.push(wait);
      now += wait;
      bucket = send(bucket, 3, now, 0);
    }
    // 3 tokens at 5 a second twice: too soon to measure by; then 2 squared, and twice as long each time
    expect(waits).toEqual([1, 1, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('feels with one call whether anything goes through again, and goes on until one is refused', () => {
    let bucket = send(newBucket(CREATE_IMAGE, at(0)), 950, 0);
    for (const seconds of [5, 10, 15]) bucket = send(bucket, 900, seconds, 0);
    expect(nextBurst(bucket, 900, at(22))).toEqual({ sure: 0, more: 0 }); // 8 s after the third
    const burst = nextBurst(bucket, 900, at(23));
    expect(burst).toEqual({ sure: 1, more: 49 });
    expect(nextBurst(bucket, 3, at(23))).toEqual({ sure: 1, more: 2 });
    const some = afterBurst(bucket, burst, { done: 16, throttled: true }, at(23));
    expect(some.rate).toBeCloseTo(1.94); // 16 in 8 s, trusted up to 3%
    expect(nextBurst(some, 884, at(36))).toEqual({ sure: 25, more: 0 });
    const all = afterBurst(bucket, burst, { done: 50, throttled: false }, at(23));
    expect([all.rate, all.fruitless]).toEqual([5, 0]);
  });

  test('after 130 calls without a refusal, looks for what others have left over', () => {
    const refused = send(send(newBucket(CREATE_IMAGE, at(0)), 1000, 0), 950, 5, 12);
    const before = { ...refused, sinceEmpty: 129 };
    expect(nextBurst(before, 900, at(15.8))).toEqual({ sure: 25, more: 0 });
    const due = { ...refused, sinceEmpty: 130 };
    const burst = nextBurst(due, 900, at(15.8));
    expect(burst).toEqual({ sure: 25, more: 25 });
    expect(nextBurst(due, 30, at(15.8))).toEqual({ sure: 25, more: 5 });
    // All of it went through: the others have stopped.
    expect(afterBurst(due, burst, { done: 50, throttled: false }, at(15.8)).rate).toBe(5);
  });
});

interface World {
  limit: Limit;
  calls: number;
  /** Calls a second of somebody else, from second `from` to `to`. */
  others?: { rate: number; from?: number; to?: number };
  /** Seconds that five calls side by side take. */
  latency?: number;
}

/** Sends calls to a bucket as AWS has it, by what the model says. */
function simulate({ limit, calls, others, latency = 0 }: World) {
  const aws = new TokenBucket(limit, START - 3600_000);
  const [size, refill] = limit;
  let [now, other, left, throttled, bursts, last] = [START, START, calls, 0, 0, START];
  if (others) other = START + (others.from ?? 0) * 1000;
  const letOthersCall = () => {
    if (!others) return;
    for (; other <= now && other <= START + (others.to ?? 1e6) * 1000; other += 1000 / others.rate)
      aws.take(1, other);
  };
  let model = newBucket({ size, refill }, new Date(now));
  while (left > 0 && bursts < 10_000) {
    const burst = nextBurst(model, left, new Date(now));
    let [done, refused] = [0, 0];
    const wave = (count: number) => {
      for (let call = 0; call < count; call++) {
        letOthersCall();
        if (aws.take(1, now)) [done, last] = [done + 1, now];
        else refused++;
      }
      now += latency * 1000;
    };
    for (let sent = 0; sent < burst.sure && refused === 0; sent += 5) wave(Math.min(5, burst.sure - sent));
    for (let sent = 0; sent < burst.more && refused === 0; sent++) wave(1);
    left -= done;
    throttled += refused;
    bursts++;
    model = afterBurst(model, burst, { done, throttled: refused > 0 }, new Date(now));
    now += secondsToNextBurst(model, left, new Date(now)) * 1000;
  }
  return { seconds: (last - START) / 1000, throttledShare: throttled / (calls + throttled), bursts };
}

/** 1,000 calls: the least seconds that they take at a rate. */
const floor = ([size]: Limit, rate: number) => (1000 - size) / rate;

describe.each<[string, Limit]>([
  ['CreateImage', [50, 5]],
  ['DeregisterImage', [100, 5]],
  ['CopyImage', [100, 1]],
])('1,000 calls of %s', (_, limit) => {
  const [size, refill] = limit;

  test.each([0, 0.2])(
    'alone, five calls in %s s, take the time that the tokens take, and none is refused',
    (latency) => {
      const { seconds, throttledShare, bursts } = simulate({ limit, calls: 1000, latency });
      expect(seconds / floor(limit, refill)).toBeLessThanOrEqual(1.03);
      expect(seconds / floor(limit, refill)).toBeGreaterThanOrEqual(0.98);
      expect(throttledShare).toBe(0);
      expect(bursts).toBeLessThanOrEqual(1 + Math.ceil((1000 - size) / (size / 2)) + 1);
    },
  );

  test.each([0, 0.2])(
    'while others take half the refill, five calls in %s s, keep to 5%% of what is left, with at most 1%% refused',
    (latency) => {
      const others = { rate: refill / 2 };
      const { seconds, throttledShare } = simulate({ limit, calls: 1000, others, latency });
      expect(seconds / floor(limit, refill / 2)).toBeLessThanOrEqual(1.05);
      expect(throttledShare).toBeLessThanOrEqual(0.01);
      expect(throttledShare).toBeGreaterThan(0); // it is learnt from refusals
    },
  );

  test('use the whole refill again soon after the others have stopped', () => {
    const to = 200 / refill; // by then 100 calls have gone at half the rate
    const { seconds, throttledShare } = simulate({ limit, calls: 1000, others: { rate: refill / 2, to } });
    expect(seconds / (floor(limit, refill) + to / 2)).toBeLessThanOrEqual(1.1);
    expect(throttledShare).toBeLessThanOrEqual(0.01);
  });

  test('outlast a storm that lets nothing through, and are few in it', () => {
    const storm = 3600;
    const { seconds, bursts } = simulate({ limit, calls: size + 3, others: { rate: 40, to: storm } });
    expect(seconds).toBeGreaterThan(storm);
    expect(seconds).toBeLessThan(storm + 61);
    expect(bursts).toBeLessThan(75);
  });

  test('notice others who begin in the middle', () => {
    const from = 300 / refill;
    const { seconds, throttledShare } = simulate({ limit, calls: 1000, others: { rate: refill / 2, from } });
    const least = from + (1000 - size - 300) / (refill / 2);
    expect(seconds / least).toBeLessThanOrEqual(1.05);
    expect(throttledShare).toBeLessThanOrEqual(0.012);
  });

  test('get through while others take nine tenths', () => {
    const { seconds, throttledShare } = simulate({ limit, calls: 1000, others: { rate: refill * 0.9 } });
    expect(seconds / floor(limit, refill / 10)).toBeLessThanOrEqual(1.05);
    expect(throttledShare).toBeLessThanOrEqual(0.02);
  });
});
