import type { Cost } from './cost.ts';
import type { CriticalPath } from './criticalPath.ts';
import type { DataCount } from './dataCount.ts';
import type { Detection } from './detection.ts';
import type { DrillResult } from './drillResult.ts';

/** Everything that is known about a drill once it is over. */
export interface DrillFacts {
  result: DrillResult | undefined;
  execution: { arn: string; status: string; error?: string; cause?: string };
  cost: Cost;
  /** Of a person's own data, where some was given. */
  data?: DataCount | undefined;
  evidence: string | undefined;
  detection?: Detection[] | undefined;
  criticalPath?: CriticalPath | undefined;
  isolation?: string | undefined;
}

/** The one object that `--json` prints. A drill that failed before it found anything has a verdict and the error. */
export function drillJson(facts: DrillFacts): object {
  const { result, execution } = facts;
  return {
    verdict: result?.verdict ?? 'FAILED',
    checks: result?.checks ?? [],
    rto: result?.rto ?? null,
    rpo: result?.rpo ?? null,
    recoveryPoint: result?.recoveryPoint ?? null,
    leftovers: result?.leftovers ?? [],
    execution,
    cost: facts.cost,
    evidence: facts.evidence ?? null,
    ...(facts.data && { data: facts.data }),
    ...(facts.detection && { detection: facts.detection }),
    ...(facts.criticalPath && { criticalPath: facts.criticalPath }),
    ...(facts.isolation && { isolation: facts.isolation }),
  };
}
