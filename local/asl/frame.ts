import { StateFailure } from './failure.ts';
import { statesFunctions } from './functions.ts';
import { bytesOf, isObject, type Json, PAYLOAD_LIMIT } from './json.ts';
import { evaluate, sourceOf } from './query.ts';
import { note, type Thread } from './thread.ts';

/** One stay in a state. */
export interface Frame {
  thread: Thread;
  name: string;
  input: Json;
  enteredId: number;
  enteredAt: number;
  retryCount: number;
  token?: string;
}

/** What `$states` has at one place beside input and context. */
export interface Seen {
  result?: Json;
  errorOutput?: Json;
}

/** `$states.context`. */
export function contextOf(frame: Frame): Json {
  const { run, map } = frame.thread;
  return {
    Execution: {
      Id: run.arn,
      Input: run.input,
      Name: run.name,
      RoleArn: run.machine.roleArn,
      StartTime: new Date(run.startedAt).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: run.machine.arn, Name: run.machine.name },
    State: {
      Name: frame.name,
      EnteredTime: new Date(frame.enteredAt).toISOString(),
      RetryCount: frame.retryCount,
    },
    ...(frame.token === undefined ? {} : { Task: { Token: frame.token } }),
    ...(map === undefined ? {} : { Map: map }),
  };
}

/** Fills a template: every string `{% … %}` in it is evaluated. @param field where it stands, `Output/list[0]` */
export async function fill(frame: Frame, template: Json, field: string, seen: Seen = {}): Promise<Json> {
  const source = sourceOf(template);
  if (source !== undefined) return await query(frame, source, field, seen);
  if (Array.isArray(template)) {
    const list: Json[] = [];
    for (const [at, item] of template.entries()) list.push(await fill(frame, item, `${field}[${at}]`, seen));
    return list;
  }
  if (!isObject(template)) return template;
  const filled: Record<string, Json> = {};
  for (const [key, value] of Object.entries(template))
    filled[key] = await fill(frame, value, `${field}/${key}`, seen);
  return filled;
}

/** Fills a field that must come to a number, a text, …. @throws StateFailure States.QueryEvaluationError */
export async function fillAs<T extends Json>(
  frame: Frame,
  template: Json,
  field: string,
  expected: { type: string; is: (value: Json) => value is T },
): Promise<T> {
  const value = await fill(frame, template, field);
  if (expected.is(value)) return value;
  throw unexpected(frame, field, sourceOf(template) ?? JSON.stringify(template), expected.type);
}

/** The failure of a field that came to something else than it must. */
export function unexpected(frame: Frame, field: string, source: string, type: string): StateFailure {
  return evaluationFailed(frame, field, source, `returned an unexpected result type. Expected '${type}'.`);
}

export const asText = { type: 'string', is: (value: Json): value is string => typeof value === 'string' };
export const asBoolean = {
  type: 'boolean',
  is: (value: Json): value is boolean => typeof value === 'boolean',
};
export const asArray = { type: 'array', is: (value: Json): value is Json[] => Array.isArray(value) };
export const asObject = {
  type: 'object',
  is: (value: Json): value is { [key: string]: Json } => isObject(value),
};
/** Whole seconds from `least` to 99,999,999. */
export const asWhole = (least: number) => ({
  type: `number (a whole one of ${least} to 99999999)`,
  is: (value: Json): value is number =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= 99_999_999,
});

/** @throws StateFailure States.DataLimitExceeded when a value is larger than 256 KiB. */
export function checkSize(value: Json, what: string): void {
  if (bytesOf(value) <= PAYLOAD_LIMIT) return;
  throw new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** AWS's opening of a cause that a state itself is to blame for. */
export function whileExecuting(frame: Frame, what: string): string {
  return `An error occurred while executing the state '${frame.name}' (entered at the event id #${frame.enteredId}). ${what}`;
}

async function query(frame: Frame, source: string, field: string, seen: Seen): Promise<Json> {
  const { account } = frame.thread.run;
  const states = { input: frame.input, context: contextOf(frame), ...seen };
  const functions = statesFunctions({ now: () => account.clock.now(), random: account.random });
  let value: Json | undefined;
  try {
    value = await evaluate(source, { ...functions, ...frame.thread.variables, states });
  } catch (error) {
    throw evaluationFailed(frame, field, source, `threw an error during evaluation${explain(error)}`);
  }
  if (value === undefined) throw evaluationFailed(frame, field, source, 'returned nothing (undefined).');
  return value;
}

/** JSONata's own errors have a code; others, such as those of an added function, only a message. */
function explain(error: unknown): string {
  const { code, message } = isObject(error) ? error : { message: error };
  return code === undefined ? `: ${message}` : `. ${code}: ${message}`;
}

function evaluationFailed(frame: Frame, field: string, source: string, what: string): StateFailure {
  const error = 'States.QueryEvaluationError';
  const cause = whileExecuting(
    frame,
    `The JSONata expression '${source}' specified for the field '${field}' ${what}`,
  );
  note(frame.thread, 'EvaluationFailed', {
    evaluationFailedEventDetails: { error, cause, location: field, state: frame.name },
  });
  return new StateFailure(error, cause);
}
