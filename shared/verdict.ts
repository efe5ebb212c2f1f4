import { CHECKS, type Finding } from './checks.ts';
import type { Check, DrillFacts, DrillResult, RunFailure } from './drillFacts.ts';
import type { DrillSettings } from './drillSettings.ts';
import { recoveryPointAge, recoveryTime } from './recoveryTimes.ts';

const NAMED = 20;

/** Errors by which a check was made and did not pass, rather than not made. */
const FAILED_CHECKS: Record<string, string> = {
  PointNotVerified: 'recoveryPoint',
  ConsistencyDowngraded: 'consistency',
  InterlockRefused: 'sourceTerminated',
  NetworkNotIsolated: 'isolation',
};

/**
 * Judges a drill by what it has seen. PASS only if every mandatory check was made and passed and nothing failed on the
 * way; FAILED when one did not pass; INCONCLUSIVE when one could not be made.
 */
export function judgeDrill(
  settings: DrillSettings,
  facts: DrillFacts,
  failure: RunFailure | undefined,
  now: Date,
): DrillResult {
  const checks = Object.entries(CHECKS).map(([name, look]) =>
    checkOf(name, findingOf(name, failure, facts) ?? look(facts, settings)),
  );
  const rto = recoveryTime(facts, settings);
  const rpo = recoveryPointAge(facts, settings);
  const { recoveryPoint, sweep } = facts;
  return {
    verdict: verdictOf(checks, failure),
    runId: settings.runId,
    checks,
    ...(rto ? { rto } : {}),
    ...(rpo ? { rpo } : {}),
    ...(recoveryPoint ? { recoveryPoint } : {}),
    leftovers: sweep?.leftovers ?? [],
    startedAt: settings.startedAt,
    finishedAt: now.toISOString(),
    ...(failure ? { failure } : {}),
  };
}

/** PASS needs every mandatory check and an undisturbed run. */
export function verdictOf(checks: readonly Check[], failure: RunFailure | undefined): DrillResult['verdict'] {
  const mandatory = checks.filter((check) => check.mandatory);
  if (mandatory.some((check) => check.ran && !check.passed)) return 'FAILED';
  const complete = mandatory.length > 0 && mandatory.every((check) => check.ran && check.passed);
  return complete && !failure ? 'PASS' : 'INCONCLUSIVE';
}

/** A failure that is itself the outcome of this check. */
function findingOf(name: string, failure: RunFailure | undefined, facts: DrillFacts): Finding | undefined {
  if (!failure) return undefined;
  const { Error: error, Cause: cause } = failure;
  // A copy that AWS could not bring up is what the drill is there to find.
  const notRestored = error === 'ResourceFailed' && facts.terminated && !facts.restored;
  const manifest = facts.restored ? 'manifest' : 'preBackup';
  const failed = notRestored ? 'newInstance' : error === 'ManifestInvalid' ? manifest : FAILED_CHECKS[error];
  return failed === name ? { count: 1, summary: error, failures: [cause] } : undefined;
}

function checkOf(name: string, finding: Finding | undefined): Check {
  if (!finding)
    return {
      name,
      mandatory: true,
      ran: false,
      passed: false,
      count: 0,
      summary: 'could not be made',
      failures: [],
    };
  const { count, summary } = finding;
  const failures = count > 0 ? finding.failures : ['nothing was looked at', ...finding.failures];
  const named =
    failures.length > NAMED
      ? [...failures.slice(0, NAMED - 1), `and ${failures.length - NAMED + 1} more`]
      : failures;
  return { name, mandatory: true, ran: true, passed: failures.length === 0, count, summary, failures: named };
}
