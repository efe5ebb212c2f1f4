import { AwsError } from '../service.ts';

/** How many tokens a bucket holds, and how many come back each second. */
export type Limit = readonly [size: number, refill: number];

/** Tokens that are used up by calls and come back with time; it begins full. */
export class TokenBucket {
  readonly #limit: Limit;
  #tokens: number;
  #at: number;

  /** @param now virtual milliseconds. */
  constructor(limit: Limit, now: number) {
    this.#limit = limit;
    this.#tokens = limit[0];
    this.#at = now;
  }

  /** Takes `count` tokens, or none and answers false when there are fewer. */
  take(count: number, now: number): boolean {
    const [size, refill] = this.#limit;
    this.#tokens = Math.min(size, this.#tokens + ((now - this.#at) / 1000) * refill);
    this.#at = now;
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}

/** AWS's documentation: "Request throttling for the Amazon EC2 API", request tokens by action. */
const REQUESTS: Record<string, Limit> = {
  CreateSnapshots: [100, 5],
  DeleteSnapshot: [100, 5],
  DeregisterImage: [100, 5],
  CreateTags: [100, 10],
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

/** The token buckets of one account and Region. */
export class Throttle {
  #buckets = new Map<string, TokenBucket>();

  /** Charges a call. @throws AwsError RequestLimitExceeded when a bucket has too few tokens. */
  charge(operation: string, request: Request, now: number): void {
    const paged = Boolean(request.Filters?.length || request.MaxResults || request.NextToken);
    const all = LARGE.has(operation) && !paged;
    this.#take(`${operation}/${all ? 'all' : 'request'}`, requestLimit(operation, all), 1, now);
    const resources = RESOURCES[operation];
    if (!resources) return;
    this.#take(`${operation}/resource`, resources, request.MaxCount ?? request.InstanceIds?.length ?? 1, now);
  }

  #take(name: string, limit: Limit, count: number, now: number): void {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(limit, now);
    this.#buckets.set(name, bucket);
    if (!bucket.take(count, now)) throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
  }
}

function requestLimit(operation: string, all: boolean): Limit {
  if (operation.startsWith('Describe')) return all ? DESCRIBING_ALL : DESCRIBING;
  return REQUESTS[operation] ?? MUTATING;
}
