import * as v from 'valibot';

/**
 * What is known of one of EC2's buckets of request tokens, as it travels in a machine's state from burst to burst.
 * `size` and `refill` are AWS's documented figures; the rest is belief: others use the same bucket, unseen.
 */
export const requestBucket = v.object({
  size: v.pipe(v.number(), v.gtValue(0)),
  /** Tokens that come back each second when nobody else calls. */
  refill: v.pipe(v.number(), v.gtValue(0)),
  /** Tokens that are left for us at `at`. */
  tokens: v.pipe(v.number(), v.minValue(0)),
  /** Milliseconds since the epoch. */
  at: v.number(),
  /** Tokens a second that come back for us: the refill, until throttling shows that others take part of it. */
  rate: v.pipe(v.number(), v.gtValue(0)),
  /** When nothing was left, as AWS's last refusal showed. */
  emptyAt: v.optional(v.number()),
  /** Calls that went through since then. */
  sinceEmpty: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Bursts in succession of which not one call went through. */
  fruitless: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
});
export type RequestBucket = v.InferOutput<typeof requestBucket>;

/** How to send a burst: so many calls side by side, then so many more, one by one, until AWS refuses one. */
export interface Burst {
  sure: number;
  more: number;
}

/** What became of a burst. */
export interface Sent {
  /** Calls that AWS took, whatever it answered. */
  done: number;
  /** Whether AWS refused one for want of tokens. */
  throttled: boolean;
}

/** Half a bucket: each burst costs three transitions, and a bucket that is never nearly full loses nothing. */
const USEFUL_PART = 1 / 2;
/** What was measured is trusted up to 3%: calls a little too early would be refused, tokens left over are found. */
const TRUST = 0.97;
/** The least that one refusal leaves of the rate, and the least of the refill that is ever believed. */
const LEAST_OF_RATE = 1 / 4;
const LEAST_OF_REFILL = 1 / 50;
/** Seconds over which a measurement means something. */
const SHORTEST_MEASURE = 2;
/** Seconds: however slow the rate, AWS is asked again after so long. */
const LONGEST_WAIT = 60;
/** Calls without a refusal after which more is tried than is believed to be there: at most one in 130 is refused for it. */
const PROBE_AFTER = 130;

/**
 * A bucket of which nothing is known yet. `tokens` is what it begins with: full, unless calls went out shortly before.
 * `share` is the part of the refill that this caller is to use, where several are known to share it.
 */
export function newBucket(
  { size, refill }: { size: number; refill: number },
  now: Date,
  { tokens = size, share = 1 }: { tokens?: number; share?: number } = {},
): RequestBucket {
  const ours = refill * share;
  return { size, refill: ours, tokens, at: now.getTime(), rate: ours, sinceEmpty: 0, fruitless: 0 };
}

/** The bucket as it is believed to be at `now`: never fuller than full, however long nobody has called. */
export function untilNow(bucket: RequestBucket, now: Date): RequestBucket {
  const at = now.getTime();
  return { ...bucket, tokens: tokensAt(bucket, at), at };
}

/** How many of the calls that are left may go now. */
export function nextBurst(bucket: RequestBucket, left: number, now: Date): Burst {
  if (bucket.fruitless > 1) {
    // One call feels whether anything goes through again, and if it does, how much.
    if (pauseLeft(bucket, now.getTime()) > 0 || left === 0) return { sure: 0, more: 0 };
    return { sure: 1, more: Math.min(left, bucket.size) - 1 };
  }
  const sure = Math.min(left, Math.floor(tokensAt(bucket, now.getTime())));
  const probes = bucket.rate < bucket.refill && bucket.sinceEmpty >= PROBE_AFTER;
  return { sure, more: probes ? Math.max(0, Math.min(left, bucket.size) - sure) : 0 };
}

/** What is known after a burst that ended at `now`, of a bucket as it was known when the burst began. */
export function afterBurst(bucket: RequestBucket, burst: Burst, sent: Sent, now: Date): RequestBucket {
  const at = now.getTime();
  const sinceEmpty = bucket.sinceEmpty + sent.done;
  if (sent.throttled) {
    const rate = measuredRate(bucket, sinceEmpty, at);
    const fruitless = sent.done === 0 ? bucket.fruitless + 1 : 0;
    return { ...bucket, tokens: 0, at, rate, emptyAt: at, sinceEmpty: 0, fruitless };
  }
  const fruitless = sent.done === 0 ? bucket.fruitless : 0;
  // Calls take time, and what comes back meanwhile finds room in the bucket.
  const tokens = Math.min(
    bucket.size,
    Math.max(0, tokensAt(bucket, at, Number.POSITIVE_INFINITY) - sent.done),
  );
  // A whole bucket was there: whoever took part of the refill has stopped.
  const rate = burst.more > 0 && sent.done >= bucket.size ? bucket.refill : bucket.rate;
  // While nobody else seems to call, what is believed to be empty is.
  const empty = rate === bucket.refill && tokens < 1 && fruitless === 0;
  return {
    ...bucket,
    tokens,
    at,
    rate,
    fruitless,
    ...(empty ? { emptyAt: at, sinceEmpty: 0 } : { sinceEmpty }),
  };
}

/**
 * Whole seconds to wait until the next burst is worth sending: of half a bucket, or of all that is left. While nothing
 * goes through at all the wait doubles, so that a storm of hours does not use up an execution's history.
 */
export function secondsToNextBurst(bucket: RequestBucket, left: number, now: Date): number {
  if (left > 0 && bucket.fruitless > 1) return Math.ceil(pauseLeft(bucket, now.getTime()));
  const wanted = Math.min(left, Math.ceil(bucket.size * USEFUL_PART));
  const missing = wanted - tokensAt(bucket, now.getTime());
  return Math.min(LONGEST_WAIT, Math.max(0, Math.ceil(missing / bucket.rate)));
}

function tokensAt({ size, tokens, at, rate }: RequestBucket, now: number, most = size): number {
  return Math.min(most, tokens + (Math.max(0, now - at) / 1000) * rate);
}

/** Seconds that are left of the pause after bursts of which nothing went through: 4, 8, 16, 32, then 60. */
function pauseLeft({ fruitless, emptyAt = 0 }: RequestBucket, now: number): number {
  return Math.max(0, Math.min(LONGEST_WAIT, 2 ** fruitless) - (now - emptyAt) / 1000);
}

/** What went through since nothing was left is what came back for us. */
function measuredRate({ emptyAt, rate, refill }: RequestBucket, calls: number, now: number): number {
  const seconds = emptyAt === undefined ? 0 : (now - emptyAt) / 1000;
  if (seconds < SHORTEST_MEASURE) return rate;
  const measured = Math.max((calls / seconds) * TRUST, rate * LEAST_OF_RATE, refill * LEAST_OF_REFILL);
  return Math.min(refill, measured);
}
