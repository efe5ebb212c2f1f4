/** Characters of a cause that Step Functions keeps. */
const LONGEST_CAUSE = 32_768;

/** An error of a state, by the name that Retry and Catch match. */
export class StateFailure extends Error {
  /** Other names that match it, such as `States.HeartbeatTimeout` for a `States.Timeout`. */
  readonly aliases: string[];
  readonly error: string;

  readonly reason: string | undefined;

  constructor(error: string, cause?: string, aliases: string[] = []) {
    const kept = cause?.slice(0, LONGEST_CAUSE);
    super(kept ?? error);
    this.name = 'StateFailure';
    this.error = error;
    this.reason = kept;
    this.aliases = aliases;
  }

  /** The error as `$states.errorOutput` and as a catcher's default output. */
  get output(): { Error: string; Cause?: string } {
    return { Error: this.error, ...(this.reason === undefined ? {} : { Cause: this.reason }) };
  }

  /**
   * Whether an `ErrorEquals` matches. `States.Runtime` always ends the execution; `States.DataLimitExceeded` must be
   * named; `States.TaskFailed` is every other error but a timeout.
   */
  matches(errorEquals: readonly string[]): boolean {
    if (this.error === 'States.Runtime') return false;
    if ([this.error, ...this.aliases].some((name) => errorEquals.includes(name))) return true;
    if (this.error === 'States.DataLimitExceeded') return false;
    if (errorEquals.includes('States.ALL')) return true;
    return errorEquals.includes('States.TaskFailed') && this.error !== 'States.Timeout';
  }
}

/** Why a thread of states was cut from outside: stopped, timed out, a sibling failed, no room in the history. */
export class Interrupted extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Interrupted';
  }
}

/** Any error as a failure. What is not AWS's own is a fault of the simulation and ends the execution. */
export function asFailure(error: unknown): StateFailure {
  if (error instanceof StateFailure) return error;
  return new StateFailure(
    'States.Runtime',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
}
