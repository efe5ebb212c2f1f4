import { StateFailure } from './failure.ts';
import { checkSize, type Frame, fill, type Seen, whileExecuting } from './frame.ts';
import { bytesOf, isObject, type Json, PAYLOAD_LIMIT } from './json.ts';

/** How a state was left: its output, where to, and the variables that it assigned. */
export interface Outcome {
  output: Json;
  /** Undefined where the flow ends. */
  next: string | undefined;
  assigned: Record<string, Json>;
}

/** The fields of a state, a choice rule or a catcher that say how it is left. */
interface Leaving {
  Output?: Json | undefined;
  Assign?: Record<string, Json> | undefined;
  Next?: string | undefined;
}

/** Variables of one execution together. */
const VARIABLES_LIMIT = 10 * 1024 * 1024;

/**
 * Leaves a state. Output and Assign both see the variables as they were before.
 * @param unless the output where no Output is written
 * @param where of a choice rule or catcher, `Choices[0]/`
 */
export async function leave(
  frame: Frame,
  leaving: Leaving,
  unless: Json,
  seen: Seen = {},
  where = '',
): Promise<Outcome> {
  const assigned = leaving.Assign ? await fill(frame, leaving.Assign, `${where}Assign`, seen) : {};
  const output =
    leaving.Output === undefined ? unless : await fill(frame, leaving.Output, `${where}Output`, seen);
  checkSize(output, frame.name);
  if (!isObject(assigned))
    throw new StateFailure('States.Runtime', whileExecuting(frame, 'Assign is not an object.'));
  const after = bytesOf({ ...frame.thread.variables, ...assigned });
  if (bytesOf(assigned) > PAYLOAD_LIMIT || after > VARIABLES_LIMIT)
    throw new StateFailure(
      'States.DataLimitExceeded',
      whileExecuting(frame, 'The variables assigned exceed the maximum number of bytes service limit.'),
    );
  return { output, next: leaving.Next, assigned };
}
