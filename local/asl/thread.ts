import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Account } from '../account/account.ts';
import type { Principal } from '../account/service.ts';
import type { Definition, State } from './definition.ts';
import type { EventDetails, History } from './history.ts';
import type { Json } from './json.ts';
import type { TaskTokens } from './taskTokens.ts';

/** A state machine as it was created. */
export interface Machine {
  arn: string;
  name: string;
  region: string;
  roleArn: string;
  roleName: string;
  definition: Definition;
  createdAt: number;
}

/** One execution, as its states see it. */
export interface Run {
  account: Account;
  machine: Machine;
  arn: string;
  name: string;
  input: Json;
  startedAt: number;
  /** The machine's role, as which every integration calls. */
  principal: Principal;
  history: History;
  tokens: TaskTokens;
}

/** States that run one after the other: the execution itself, a branch of a Parallel, an iteration of a Map. */
export interface Thread {
  run: Run;
  /** Aborted when the thread is cut from outside; its reason is why. */
  signal: AbortSignal;
  /** Id of the thread's latest event. */
  last: number;
  variables: Record<string, Json>;
  /** The type of the state that it is in. */
  inside?: State['Type'];
  /** `$states.context.Map`, within a Map. */
  map?: { Item: { Index: number; Value: Json } };
}

/** Adds an event to the history, after the thread's latest one, and makes it the latest. */
export function note(thread: Thread, type: HistoryEventType, details: EventDetails = {}): number {
  thread.signal.throwIfAborted();
  thread.last = thread.run.history.add(type, thread.last, details);
  return thread.last;
}

/** A thread that starts where its parent stands, with a copy of its variables. */
export function branchOff(parent: Thread, signal: AbortSignal, last: number): Thread {
  const { inside: _, ...rest } = parent;
  return { ...rest, signal, last, variables: structuredClone(parent.variables) };
}

/** Resolves as `work` does, or rejects with the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Waits for virtual milliseconds, or until the thread is cut. */
export async function pause(thread: Thread, ms: number): Promise<void> {
  let cancel = () => {};
  const over = new Promise<void>((resolve) => {
    cancel = thread.run.account.clock.after(ms, resolve);
  });
  await unlessAborted(thread.signal, over).finally(cancel);
}
