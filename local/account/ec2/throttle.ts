import { AwsError } from '../service.ts';

/** How many tokens a bucket holds, and how many come back each second. */
export type Limit = readonly [size: number, refill: number];

/** Tokens that are used up by calls and come back with time; it begins full. */
export class TokenBucket {
  readonly #limit: Limit;
  /** Thousandths of tokens: whole numbers, so that who calls exactly as fast as tokens come back is never refused. */
  #thousandths: number;
  #at: number;
  #background = 0;

  /** @param now virtual milliseconds. */
  constructor(limit: Limit, now: number) {
    this.#limit = limit;
    this.#thousandths = limit[0] * 1000;
    this.#at = now;
  }

  /** Takes `count` tokens, or none and answers false when there are fewer. */
  take(count: number, now: number): boolean {
    this.#settle(now);
    if (this.#thousandths < count * 1000) return false;
    this.#thousandths -= count * 1000;
    return true;
  }

  /**
   * From now on somebody else takes so many tokens a second, as long as there are any, and before everybody else. With
   * half of the refill a bucket that is full stays so, and one that is drained gives the other half.
   */
  takeInBackground(perSecond: number, now: number): void {
    this.#settle(now);
    this.#background = perSecond;
  }

  #settle(now: number): void {
    const [size, refill] = this.#limit;
    const gained = (now - this.#at) * (refill - this.#background);
    this.#thousandths = Math.max(0, Math.min(size * 1000, this.#thousandths + gained));
    this.#at = now;
  }
}

/** AWS's documentation: "Request throttling for the Amazon EC2 API", request tokens by action. */
const REQUESTS: Record<string, Limit> = {
  CreateSnapshot: [100, 5],
  CreateSnapshots: [100, 5],
  DeleteSnapshot: [100, 5],
  DeregisterImage: [100, 5],
  CopyImage: [100, 1],
  CreateTags: [100, 10],
  DeleteTags: [100, 10],
  RunInstances: [5, 2],
  StartInstances: [5, 2],
  TerminateInstances: [100, 5],
  StopInstances: [50, 5],
};
/** The same page, resource tokens: one for every instance that the call names or launches. */
const RESOURCES: Record<string, Limit> = {
  RunInstances: [1000, 2],
  StartInstances: [1000, 2],
  TerminateInstances: [1000, 20],
  StopInstances: [1000, 20],
};
const MUTATING: Limit = [50, 5];
const DESCRIBING: Limit = [100, 20];
/** For describing instances, snapshots or volumes without filter and page; ids alone do not count as either. */
const DESCRIBING_ALL: Limit = [50, 10];
const LARGE = new Set(['DescribeInstances', 'DescribeSnapshots', 'DescribeVolumes']);

/** What of a request decides how many tokens it takes. */
interface Request {
  Filters?: unknown[];
  MaxResults?: number;
  NextToken?: string;
  MaxCount?: number;
  InstanceIds?: unknown[];
}

/** The token buckets of one account and Region: each action has its own. */
export class Throttle {
  #buckets = new Map<string, TokenBucket>();

  /** Charges a call. @throws AwsError RequestLimitExceeded when a bucket has too few tokens. */
  charge(operation: string, request: Request, now: number): void {
    const paged = Boolean(request.Filters?.length || request.MaxResults || request.NextToken);
    const all = LARGE.has(operation) && !paged;
    const limit = requestLimit(operation, all);
    this.#take(this.#bucket(`${operation}/${all ? 'all' : 'request'}`, limit, now), 1, now);
    const resources = RESOURCES[operation];
    if (!resources) return;
    const count = request.MaxCount ?? request.InstanceIds?.length ?? 1;
    this.#take(this.#bucket(`${operation}/resource`, resources, now), count, now);
  }

  /** Lets somebody else take so many request tokens of an action a second; 0 ends it. */
  takeInBackground(operation: string, perSecond: number, now: number): void {
    const bucket = this.#bucket(`${operation}/request`, requestLimit(operation, false), now);
    bucket.takeInBackground(perSecond, now);
  }

  #bucket(name: string, limit: Limit, now: number): TokenBucket {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(limit, now);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #take(bucket: TokenBucket, count: number, now: number): void {
    if (!bucket.take(count, now)) throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  }
}

function requestLimit(operation: string, all: boolean): Limit {
  if (operation.startsWith('Describe')) return all ? DESCRIBING_ALL : DESCRIBING;
  return REQUESTS[operation] ?? MUTATING;
}
