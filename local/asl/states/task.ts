import { attempts } from '../attempts.ts';
import type { StateOf } from '../definition.ts';
import { asFailure, Interrupted, StateFailure } from '../failure.ts';
import { asObject, asWhole, checkSize, type Frame, fillAs } from '../frame.ts';
import type { Integration } from '../integrations/integration.ts';
import { integrationOf, waitsForToken } from '../integrations/resource.ts';
import type { Json } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import { note, unlessAborted } from '../thread.ts';

/** Task: one attempt after the other at its integration. */
export async function perform(state: StateOf<'Task'>, frame: Frame): Promise<Outcome> {
  const { account } = frame.thread.run;
  const integration = integrationOf(state.Resource, account.partition);
  // Refused when the machine was created.
  if (!integration) throw new StateFailure('States.Runtime', `${state.Resource} is not supported`);
  return await attempts(frame, state, () => attempt(state, frame, integration));
}

async function attempt(state: StateOf<'Task'>, frame: Frame, integration: Integration): Promise<Json> {
  const { run } = frame.thread;
  const ids = { resource: integration.resource, resourceType: integration.resourceType };
  if (waitsForToken(integration)) frame.token = run.tokens.issue(run.account.random);
  const args = await fillAs(frame, state.Arguments ?? {}, 'Arguments', asObject);
  checkSize(args, frame.name);
  const limits = await limitsOf(state, frame);
  note(frame.thread, 'TaskScheduled', {
    taskScheduledEventDetails: {
      ...ids,
      region: run.machine.region,
      parameters: JSON.stringify(args),
      ...(limits.timeout && { timeoutInSeconds: limits.timeout }),
      ...(limits.heartbeat && { heartbeatInSeconds: limits.heartbeat }),
    },
  });
  note(frame.thread, 'TaskStarted', { taskStartedEventDetails: ids });
  try {
    const output = await inTime(frame, limits, (signal) => answer(frame, integration, args, signal));
    checkSize(output, integration.resourceType);
    note(frame.thread, 'TaskSucceeded', { taskSucceededEventDetails: { ...ids, ...payload(output) } });
    return output;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const failure = asFailure(error);
    const details = { ...ids, error: failure.error, ...(failure.reason && { cause: failure.reason }) };
    if (failure.error === 'States.Timeout')
      note(frame.thread, 'TaskTimedOut', { taskTimedOutEventDetails: details });
    else note(frame.thread, 'TaskFailed', { taskFailedEventDetails: details });
    throw failure;
  }
}

/** The integration's own answer, or what comes back with the token. */
async function answer(
  frame: Frame,
  integration: Integration,
  args: Record<string, Json>,
  signal: AbortSignal,
): Promise<Json> {
  const { tokens } = frame.thread.run;
  const { resource, resourceType } = integration;
  const submitted = (output: Json) => {
    signal.throwIfAborted();
    const details = { resource, resourceType, ...payload(output) };
    note(frame.thread, 'TaskSubmitted', { taskSubmittedEventDetails: details });
  };
  const task = { frame, arguments: args, signal, submitted };
  if (frame.token === undefined) return await integration.perform(task);
  // The token may come back before the call that sent it out has ended.
  const waiting = tokens.wait(frame.token);
  signal.addEventListener('abort', waiting.forget, { once: true });
  try {
    submitted(await integration.perform(task));
    return await waiting.output;
  } finally {
    waiting.forget();
  }
}

interface Limits {
  timeout?: number;
  heartbeat?: number;
}

async function limitsOf(state: StateOf<'Task'>, frame: Frame): Promise<Limits> {
  const limits: Limits = {};
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (timeout !== undefined) limits.timeout = await fillAs(frame, timeout, 'TimeoutSeconds', asWhole(1));
  if (heartbeat !== undefined)
    limits.heartbeat = await fillAs(frame, heartbeat, 'HeartbeatSeconds', asWhole(1));
  return limits;
}

/** Gives up at the timeout, or at the heartbeat: there is no SendTaskHeartbeat here, so the first one is missed. */
async function inTime(
  frame: Frame,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<Json>,
): Promise<Json> {
  const { clock } = frame.thread.run.account;
  const over = new AbortController();
  const beats =
    limits.heartbeat !== undefined && limits.heartbeat < (limits.timeout ?? Number.POSITIVE_INFINITY);
  const seconds = beats ? limits.heartbeat : limits.timeout;
  const failure = new StateFailure('States.Timeout', undefined, beats ? ['States.HeartbeatTimeout'] : []);
  const cancel = seconds === undefined ? () => {} : clock.after(seconds * 1000, () => over.abort(failure));
  const signal = AbortSignal.any([frame.thread.signal, over.signal]);
  return await unlessAborted(signal, work(signal)).finally(cancel);
}

function payload(output: Json) {
  return { output: JSON.stringify(output), outputDetails: { truncated: false } };
}
