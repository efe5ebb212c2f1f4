import type { DescribeExecutionOutput, ExecutionStatus } from '@aws-sdk/client-sfn';
import { asFailure, Interrupted, StateFailure } from '../../asl/failure.ts';
import { History } from '../../asl/history.ts';
import type { Json } from '../../asl/json.ts';
import { runFlow } from '../../asl/run.ts';
import type { TaskTokens } from '../../asl/taskTokens.ts';
import type { Machine, Run, Thread } from '../../asl/thread.ts';
import type { Account } from '../account.ts';

interface Start {
  machine: Machine;
  name: string;
  /** The input's JSON text as it was given. */
  input: string;
  tokens: TaskTokens;
}

/** How an execution ended. */
interface End {
  output?: string;
  error?: string;
  cause?: string;
}

/** The last event of each way to end, and where its details are. */
const ENDINGS = {
  SUCCEEDED: ['ExecutionSucceeded', 'executionSucceededEventDetails'],
  FAILED: ['ExecutionFailed', 'executionFailedEventDetails'],
  TIMED_OUT: ['ExecutionTimedOut', 'executionTimedOutEventDetails'],
  ABORTED: ['ExecutionAborted', 'executionAbortedEventDetails'],
} as const;

/** One execution of a state machine, from its start to its end, with its history. */
export class Execution {
  readonly arn: string;
  readonly machine: Machine;
  readonly name: string;
  readonly input: string;
  readonly startDate: Date;
  readonly history: History;
  /** Resolves when it has ended, however it has. */
  readonly ended: Promise<void>;
  status: ExecutionStatus = 'RUNNING';
  stopDate: Date | undefined;
  end: End = {};
  #account: Account;
  #tokens: TaskTokens;
  #cutter = new AbortController();
  #thread: Thread | undefined;
  #onEnd: () => void = () => {};

  constructor(account: Account, { machine, name, input, tokens }: Start) {
    const { partition, id, clock } = account;
    this.arn = `arn:${partition}:states:${machine.region}:${id}:execution:${machine.name}:${name}`;
    this.machine = machine;
    this.name = name;
    this.input = input;
    this.startDate = new Date(clock.now());
    this.history = new History(() => clock.now());
    this.ended = new Promise((resolve) => {
      this.#onEnd = resolve;
    });
    this.#account = account;
    this.#tokens = tokens;
  }

  /** Runs it to its end. Nothing is thrown: every failure is the execution's. */
  async run(): Promise<void> {
    const { definition, roleArn } = this.machine;
    this.history.add('ExecutionStarted', 0, {
      executionStartedEventDetails: { input: this.input, inputDetails: { truncated: false }, roleArn },
    });
    const input: Json = JSON.parse(this.input);
    this.#thread = { run: this.#run(input), signal: this.#cutter.signal, last: 0, variables: {} };
    const limit = definition.TimeoutSeconds;
    const timeOut = () => this.#finish('TIMED_OUT', {});
    const cancel = limit === undefined ? () => {} : this.#account.clock.after(limit * 1000, timeOut);
    try {
      const output = JSON.stringify(await runFlow(definition, input, this.#thread));
      this.#finish('SUCCEEDED', { output });
    } catch (error) {
      this.#fail(error);
    } finally {
      cancel();
    }
  }

  /** Ends it at once, wherever it is. */
  abort(error: string | undefined, cause: string | undefined): void {
    this.#finish('ABORTED', { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) });
  }

  describe(): Omit<DescribeExecutionOutput, '$metadata'> {
    return {
      executionArn: this.arn,
      stateMachineArn: this.machine.arn,
      name: this.name,
      status: this.status,
      startDate: this.startDate,
      ...(this.stopDate && { stopDate: this.stopDate }),
      input: this.input,
      inputDetails: { included: true },
      ...this.end,
      ...(this.end.output !== undefined && { outputDetails: { included: true } }),
      redriveCount: 0,
      redriveStatus: ['RUNNING', 'SUCCEEDED'].includes(this.status) ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    };
  }

  #run(input: Json): Run {
    const { partition, id } = this.#account;
    const { roleName: role } = this.machine;
    return {
      account: this.#account,
      machine: this.machine,
      arn: this.arn,
      name: this.name,
      input,
      startedAt: this.startDate.getTime(),
      principal: { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/${this.name}`, role },
      history: this.history,
      tokens: this.#tokens,
    };
  }

  #fail(error: unknown): void {
    const failure =
      error instanceof Interrupted ? new StateFailure('States.Runtime', error.message) : asFailure(error);
    this.#finish('FAILED', {
      ...(failure.error !== '' && { error: failure.error }),
      ...(failure.reason !== undefined && { cause: failure.reason }),
    });
  }

  #finish(status: keyof typeof ENDINGS, end: End): void {
    if (this.status !== 'RUNNING') return;
    const [type, details] = ENDINGS[status];
    const shown = status === 'SUCCEEDED' ? { ...end, outputDetails: { truncated: false } } : end;
    this.history.end(type, this.#thread?.last ?? 0, { [details]: shown });
    this.#account.meter.see('states:history', this.history.events.length);
    this.status = status;
    this.stopDate = new Date(this.#account.clock.now());
    this.end = end;
    this.#cutter.abort(new Interrupted(`the execution is ${status}`));
    this.#onEnd();
  }
}
