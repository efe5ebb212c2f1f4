import type { CommandInvocationStatus } from '@aws-sdk/client-ssm';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import { milliseconds } from '../physics.ts';
import type { Rendered } from './document.ts';

/** The fixed part of a command's duration, in virtual milliseconds: delivery, start, report. */
const OVERHEAD = 2000;
/** Bytes a millisecond at which an instance reads its volumes: 150 MiB/s, of the 100-300 that lazily loaded ones give. */
const READ_RATE = (150 * 1024 * 1024) / 1000;
/** Characters of each stream that GetCommandInvocation shows. */
const SHOWN = 24_000;

/** A command on one instance. */
export interface Invocation {
  instanceId: string;
  status: CommandInvocationStatus;
  details: string;
  startedAt?: number;
  finishedAt?: number;
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Virtual moment from which GetCommandInvocation finds it. */
  visibleFrom: number;
  /** Ends the shell of one that runs in real time. */
  kill?: () => void;
}

export interface Command {
  id: string;
  documentName: string;
  comment: string;
  requestedAt: number;
  /** Seconds within which the agent has to take it. */
  deliveryTimeout: number;
  parameters: Record<string, string[]>;
  rendered: Rendered;
  invocations: Invocation[];
}

/** Virtual milliseconds a real one while a worker works: a poll a minute then sees a backup of seconds at work. */
const PACE = 40;
/** Real milliseconds between two steps of time while it does. */
const STEP = 25;

export function isOver({ status }: Invocation): boolean {
  return !['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(status);
}

/** Ends an invocation now, unless it has ended. */
export function end(
  account: Account,
  command: Command,
  invocation: Invocation,
  status: CommandInvocationStatus,
  details: string = status,
): void {
  if (isOver(invocation)) return;
  invocation.status = status;
  invocation.details = details;
  invocation.finishedAt = account.clock.now();
  account.timeline.note(command.id, 'finished', account.clock.now());
}

/** Sends an invocation on its way: to the agent, through the shell, and back. */
export function deliver(account: Account, ec2: Ec2Service, command: Command, invocation: Invocation): void {
  const { clock, physics, random } = account;
  const giveUp = () => {
    if (invocation.status === 'Pending') end(account, command, invocation, 'TimedOut', 'DeliveryTimedOut');
  };
  const cancelGiveUp = clock.after(command.deliveryTimeout * 1000, giveUp);
  clock.after(milliseconds(physics.commandStarted, random), async () => {
    if (isOver(invocation)) return cancelGiveUp();
    if (!ec2.agentOnline(invocation.instanceId)) return; // nobody takes it
    cancelGiveUp();
    const work = execute(account, ec2, command, invocation);
    // Of a worker time goes on while it works, and nothing waits for it here.
    if (!account.host.takesRealTime(invocation.instanceId)) await work;
  });
}

/** The shell runs at this virtual moment; what it took comes afterwards. */
async function execute(
  account: Account,
  ec2: Ec2Service,
  command: Command,
  invocation: Invocation,
): Promise<void> {
  const { clock, host } = account;
  const { instanceId } = invocation;
  const { script, environment, timeoutSeconds } = command.rendered;
  invocation.status = 'InProgress';
  invocation.details = 'InProgress';
  invocation.startedAt = clock.now();
  const canReachS3 = ec2.canReachS3(instanceId);
  if (host.takesRealTime(instanceId)) {
    await executeInRealTime(account, ec2, command, invocation);
    return;
  }
  const outcome = await host.run(instanceId, script, environment, { canReachS3, timeoutSeconds });
  const duration = OVERHEAD + (await host.bytesOnVolumes(instanceId)) / READ_RATE;
  const limit = timeoutSeconds * 1000;
  const timedOut = outcome.timedOut === true || duration > limit;

  clock.after(timedOut ? limit : duration, () => {
    if (isOver(invocation)) return;
    if (timedOut || !ec2.agentOnline(instanceId))
      // an instance that went away reports nothing any more
      return end(account, command, invocation, 'TimedOut', 'ExecutionTimedOut');
    invocation.exitCode = outcome.exitCode;
    invocation.stdout = outcome.stdout.slice(0, SHOWN);
    invocation.stderr = outcome.stderr.slice(0, SHOWN);
    end(account, command, invocation, outcome.exitCode === 0 ? 'Success' : 'Failed');
  });
}

/** The shell runs while time goes on, until it ends, its time is over or somebody cancels it. */
async function executeInRealTime(
  account: Account,
  ec2: Ec2Service,
  command: Command,
  invocation: Invocation,
): Promise<void> {
  const { clock, host } = account;
  const { instanceId } = invocation;
  const { script, environment, timeoutSeconds } = command.rendered;
  const killer = new AbortController();
  invocation.kill = () => killer.abort();
  let timedOut = false;
  const cancel = clock.after(timeoutSeconds * 1000, () => {
    timedOut = true;
    killer.abort();
  });
  const canReachS3 = ec2.canReachS3(instanceId);
  const running = host.run(instanceId, script, environment, {
    canReachS3,
    timeoutSeconds: Number.MAX_SAFE_INTEGER,
    signal: killer.signal,
  });
  const outcome = await atPace(account, running);
  cancel();
  if (timedOut) return end(account, command, invocation, 'TimedOut', 'ExecutionTimedOut');
  const report = () => {
    if (isOver(invocation) || !ec2.agentOnline(instanceId)) return; // an instance that went away reports nothing
    invocation.exitCode = outcome.exitCode;
    invocation.stdout = outcome.stdout.slice(0, SHOWN);
    invocation.stderr = outcome.stderr.slice(0, SHOWN);
    end(account, command, invocation, outcome.exitCode === 0 ? 'Success' : 'Failed');
  };
  clock.after(OVERHEAD, report);
}

/** Keeps the account's time from running ahead of real work. */
async function atPace<T>({ clock }: Account, work: Promise<T>): Promise<T> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  const step = () => {
    if (over || clock.speed !== 'max') return;
    clock.after(STEP * PACE, async () => {
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, STEP))]);
      step();
    });
  };
  step();
  return await done;
}
