/**
 * Every error that a state machine may match, by its literal name. Each says what the machine does with it.
 * Retryable errors are thrown; a permanent fault of one item in a batch is returned as data instead.
 */
abstract class NamedError extends Error {
  abstract override readonly name: string;
}

/** The input of a task or a machine does not fit its schema. Stop: the same input fails again. */
export class InvalidInput extends NamedError {
  readonly name = 'InvalidInput';
}

/** Another run holds the resource. Stop, without cleanup: nothing was made yet. */
export class ResourceBusy extends NamedError {
  readonly name = 'ResourceBusy';
}

/** AWS asked for patience (RequestLimitExceeded, ThrottlingException, …). Retry with backoff. */
export class Throttled extends NamedError {
  readonly name = 'Throttled';
}

/** A resource that the run needs is not there, and will not come. Clean up, then fail. */
export class ResourceNotFound extends NamedError {
  readonly name = 'ResourceNotFound';
}

/** The instance, or what was asked of it, does not allow this backup. Stop: the message says which rule. */
export class UnsupportedTarget extends NamedError {
  readonly name = 'UnsupportedTarget';
}

/** The terminate interlock refused: a condition for terminating did not hold when it was read again. Clean up, fail. */
export class InterlockRefused extends NamedError {
  readonly name = 'InterlockRefused';
}

/** The network gate refused: a restored copy could have reached something. Clean up, fail. */
export class NetworkNotIsolated extends NamedError {
  readonly name = 'NetworkNotIsolated';
}

/** A command on an instance failed, timed out or was cancelled. Clean up, fail. */
export class CommandFailed extends NamedError {
  readonly name = 'CommandFailed';
}

/** A recovery point is not what it must be (a volume missing, not encrypted, not completed). Clean up, fail. */
export class PointNotVerified extends NamedError {
  readonly name = 'PointNotVerified';
}

/** What AWS was building has failed for good (an image, an instance, an endpoint). Clean up, fail. */
export class ResourceFailed extends NamedError {
  readonly name = 'ResourceFailed';
}

/** The achieved consistency is lower than the policy allows. Clean up, fail. */
export class ConsistencyDowngraded extends NamedError {
  readonly name = 'ConsistencyDowngraded';
}

/** A manifest is truncated or not in its format, so nothing can be compared by it. Clean up, fail. */
export class ManifestInvalid extends NamedError {
  readonly name = 'ManifestInvalid';
}

/** AWS says that it exists, but its lists do not show it yet. Retry with backoff. */
export class NotYetListed extends NamedError {
  readonly name = 'NotYetListed';
}

/** Something that is on its way out still holds the name. Retry with backoff. */
export class StillClosing extends NamedError {
  readonly name = 'StillClosing';
}

/** The worker went away in the middle of its work: terminated, or unwell. Clean up, fail; the next run continues. */
export class WorkerLost extends NamedError {
  readonly name = 'WorkerLost';
}

/** The window ended before the copy was whole. Clean up, fail; the next run continues where it stopped. */
export class WindowOver extends NamedError {
  readonly name = 'WindowOver';
}

/** A retention would delete more points than its policy allows. Stop, with nothing deleted: a person decides. */
export class TooManyDeletions extends NamedError {
  readonly name = 'TooManyDeletions';
}
