import type { Frame } from '../frame.ts';
import type { Json } from '../json.ts';

/** One attempt of a Task at its integration. */
export interface Attempt {
  frame: Frame;
  arguments: Record<string, Json>;
  /** Aborted when the attempt's time is over or its thread is cut: a job that it waits for is to be stopped. */
  signal: AbortSignal;
  /** Notes that the request was accepted and that a result is to come (TaskSubmitted). */
  submitted: (output: Json) => void;
}

/** A service integration, as a Task's Resource names it. */
export interface Integration {
  /** As in the history: `lambda`, `states`, `sns`, `aws-sdk:ec2`. */
  resourceType: string;
  /** As in the history: `invoke`, `startExecution.sync:2`. */
  resource: string;
  /** The arguments that it takes; undefined when the service itself decides. */
  takes?: readonly string[];
  /** Does it. @throws StateFailure under the name that AWS gives the error */
  perform(attempt: Attempt): Promise<Json>;
}
