/** What is counted for the bill. */
export type Metered =
  | 'states:transition'
  | 'lambda:request'
  | 'lambda:gb-second'
  | 'cloudwatch:metric'
  | 'kms:request'
  | 'vpce:hour'
  | 'ec2:hour'
  | 's3:put'
  | 's3:get';

/** Dollars a unit, eu-west-1, list prices: Step Functions $0.025 per 1,000 transitions; Lambda arm64 $0.20 per million
 * requests and $0.0000133334 a GB-second; KMS $0.03 per 10,000; interface endpoint $0.011 an hour; t4g.small $0.0184. */
const PRICES: Record<Metered, number> = {
  'states:transition': 0.000025,
  'lambda:request': 0.0000002,
  'lambda:gb-second': 0.0000133334,
  'cloudwatch:metric': 0.00001, // of GetMetricData
  'kms:request': 0.000003,
  'vpce:hour': 0.011,
  'ec2:hour': 0.0184,
  's3:put': 0.000005,
  's3:get': 0.0000004,
};

/** What the largest of is kept: bytes of a payload between states, bytes of a function's payload, events of an execution. */
export type Largest = 'states:payload' | 'lambda:payload' | 'states:history';

/** Counts calls by operation and everything that is billed, and turns the counts into dollars. */
export class Meter {
  /** By `service:operation`. */
  readonly calls = new Map<string, number>();
  /** Those of them that were refused because there had been too many. */
  readonly throttled = new Map<string, number>();
  readonly units = new Map<Metered, number>();
  readonly largest = new Map<Largest, number>();
  readonly #parts = new Set<Meter>();

  /** A meter that counts from now on what this one counts, until it is given to `stop`. */
  start(): Meter {
    const part = new Meter();
    this.#parts.add(part);
    return part;
  }

  stop(part: Meter): void {
    this.#parts.delete(part);
  }

  call(service: string, operation: string): void {
    increase(this.calls, `${service}:${operation}`, 1);
    for (const part of this.#parts) part.call(service, operation);
  }

  throttle(service: string, operation: string): void {
    increase(this.throttled, `${service}:${operation}`, 1);
    for (const part of this.#parts) part.throttle(service, operation);
  }

  add(what: Metered, amount: number): void {
    increase(this.units, what, amount);
    for (const part of this.#parts) part.add(what, amount);
  }

  /** Something of this size has been seen. */
  see(what: Largest, size: number): void {
    if (size > (this.largest.get(what) ?? 0)) this.largest.set(what, size);
    for (const part of this.#parts) part.see(what, size);
  }

  /** Calls of operations whose `service:operation` begins so: `ec2:Describe`; all unless told. */
  count(prefix = ''): number {
    return sum(this.calls, prefix);
  }

  /** The same of throttled ones. */
  countThrottled(prefix = ''): number {
    return sum(this.throttled, prefix);
  }

  /** Dollars of everything metered so far. */
  dollars(): number {
    return Object.values(this.parts()).reduce((total, dollars) => total + dollars, 0);
  }

  /** The same dollars by what they were for. */
  parts(): Record<string, number> {
    return Object.fromEntries([...this.units].map(([what, amount]) => [what, PRICES[what] * amount]));
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function sum(counts: Map<string, number>, prefix: string): number {
  let total = 0;
  for (const [key, count] of counts) if (key.startsWith(prefix)) total += count;
  return total;
}
