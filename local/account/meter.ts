/** What is counted for the bill. */
export type Metered =
  | 'states:transition'
  | 'lambda:request'
  | 'lambda:gb-second'
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
  'kms:request': 0.000003,
  'vpce:hour': 0.011,
  'ec2:hour': 0.0184,
  's3:put': 0.000005,
  's3:get': 0.0000004,
};

/** Counts calls by operation and everything that is billed, and turns the counts into dollars. */
export class Meter {
  readonly calls = new Map<string, number>();
  readonly units = new Map<Metered, number>();

  call(service: string, operation: string): void {
    const key = `${service}:${operation}`;
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
  }

  add(what: Metered, amount: number): void {
    this.units.set(what, (this.units.get(what) ?? 0) + amount);
  }

  /** Dollars of everything metered so far. */
  dollars(): number {
    return Object.values(this.parts()).reduce((sum, dollars) => sum + dollars, 0);
  }

  /** The same dollars by what they were for. */
  parts(): Record<string, number> {
    return Object.fromEntries([...this.units].map(([what, amount]) => [what, PRICES[what] * amount]));
  }
}
