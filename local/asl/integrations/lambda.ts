import { StateFailure } from '../failure.ts';
import { isObject, type Json } from '../json.ts';
import { callService, metadata, type Naming } from './call.ts';
import type { Attempt, Integration } from './integration.ts';

const LAMBDA: Naming = {
  service: 'lambda',
  prefix: 'Lambda',
  general: 'AWSLambdaException',
  optimised: 'AWSLambda',
};

/** `lambda:invoke`: the payload goes in and comes out as JSON; an error of the function is the state's error. */
export const invoke: Integration = {
  resourceType: 'lambda',
  resource: 'invoke',
  takes: ['FunctionName', 'Payload', 'Qualifier', 'InvocationType', 'ClientContext', 'LogType'],
  async perform(attempt) {
    const { Payload, ...rest } = attempt.arguments;
    const input = { ...rest, Payload: Buffer.from(JSON.stringify(Payload ?? {})) };
    const answer = await callService(attempt, LAMBDA, 'Invoke', input);
    if (!isObject(answer)) throw new Error('Invoke answered nothing');
    const text = textOf(answer.Payload);
    if (answer.FunctionError !== undefined) throw functionFailed(text);
    return result(attempt, text === '' ? null : JSON.parse(text));
  },
};

/** The result has the whole response; JSONata takes `$states.result.Payload`. */
function result(attempt: Attempt, Payload: Json): Json {
  return { ExecutedVersion: '$LATEST', Payload, ...metadata(attempt), StatusCode: 200 };
}

/** A function that threw: its errorType is the error, its whole payload `{errorMessage, errorType, trace}` the cause. */
function functionFailed(payload: string): StateFailure {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    parsed = undefined;
  }
  const type = isObject(parsed) && typeof parsed.errorType === 'string' ? parsed.errorType : 'Lambda.Unknown';
  return new StateFailure(type, payload);
}

function textOf(payload: unknown): string {
  if (payload instanceof Uint8Array) return Buffer.from(payload).toString();
  return typeof payload === 'string' ? payload : '';
}
