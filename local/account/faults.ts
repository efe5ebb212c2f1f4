import { AwsError } from './service.ts';

/** A call that is to fail: which one, how often, in which words. */
export interface Fault {
  service: string;
  operation: string;
  error: { code: string; message: string; status?: number };
  /** How many calls fail; 1 unless told. */
  times?: number;
  /** How many matching calls pass first; 0 unless told. */
  after?: number;
  /** Only calls whose input this accepts. */
  // biome-ignore lint/suspicious/noExplicitAny: inputs differ by operation
  when?: (input: any) => boolean;
}

/** The calls that a test, or a person who wants to see a failure, has arranged to fail. */
export class FaultPlan {
  #faults: (Fault & { seen: number; failed: number })[] = [];

  add(fault: Fault): void {
    this.#faults.push({ ...fault, seen: 0, failed: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** @throws AwsError as arranged, when this call is one that is to fail. */
  check(service: string, operation: string, input: unknown): void {
    for (const fault of this.#faults) {
      if (fault.service !== service || fault.operation !== operation) continue;
      if (fault.when && !fault.when(input)) continue;
      fault.seen++;
      if (fault.seen <= (fault.after ?? 0) || fault.failed >= (fault.times ?? 1)) continue;
      fault.failed++;
      throw new AwsError(fault.error.code, fault.error.message, fault.error.status);
    }
  }
}
