import type { Account } from '../account.ts';
import { AwsError, type Service } from '../service.ts';
import type { Execution } from '../states/execution.ts';
import type { StatesService } from '../states/states.ts';
import { fits } from './pattern.ts';

/** What a rule does with an event: it starts a state machine with the event for input. */
export interface Target {
  machineArn: string;
  /** The role that it starts it with. */
  roleName: string;
  /** How often a failed start is repeated. */
  retries: number;
}

export interface Rule {
  name: string;
  pattern: unknown;
  targets: Target[];
}

/** Milliseconds from an event to its targets; AWS names half a second as typical. */
const DELIVERY = 500;
/** Milliseconds between two attempts, growing; AWS backs off with jitter for up to a day. */
const FIRST_RETRY = 10_000;

/** The default event bus of EventBridge in one Region: rules, and machines that their targets start. */
export class Events implements Service {
  readonly operations = {};
  /** Events that reached no target in the end. */
  readonly undelivered: { rule: string; error: string }[] = [];
  readonly #account: Account;
  readonly #region: string;
  readonly #rules = new Map<string, Rule>();
  #events = 0;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
    account.service<StatesService>('states', region).onEnd((execution) => this.#tellOf(execution));
  }

  /** Makes a rule, as CloudFormation does. @returns its ARN */
  putRule(rule: Rule): string {
    const { partition, id } = this.#account;
    fits({}, rule.pattern); // a filter that is not simulated is refused now
    this.#rules.set(rule.name, rule);
    return `arn:${partition}:events:${this.#region}:${id}:rule/${rule.name}`;
  }

  /** An AWS service tells something. */
  emit(event: { source: string; 'detail-type': string; resources: string[]; detail: object }): void {
    const { clock, id } = this.#account;
    const whole = {
      version: '0',
      id: `00000000-0000-4000-8000-${String(++this.#events).padStart(12, '0')}`,
      account: id,
      time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      region: this.#region,
      ...event,
    };
    for (const rule of this.#rules.values())
      if (fits(whole, rule.pattern))
        for (const target of rule.targets)
          clock.after(DELIVERY, () => this.#deliver(rule, target, JSON.stringify(whole), 0));
  }

  /** What Step Functions tells of an execution that has ended. */
  #tellOf({ arn, machine, name, status, startDate, stopDate, input, end }: Execution): void {
    this.emit({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [arn],
      detail: {
        executionArn: arn,
        stateMachineArn: machine.arn,
        name,
        status,
        startDate: startDate.getTime(),
        stopDate: stopDate?.getTime() ?? null,
        input,
        output: end.output ?? null,
        error: end.error ?? null,
        cause: end.cause ?? null,
      },
    });
  }

  async #deliver(rule: Rule, target: Target, input: string, attempt: number): Promise<void> {
    const { partition, id, clock } = this.#account;
    const { roleName: role, machineArn: stateMachineArn } = target;
    const principal = { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/events`, role };
    try {
      await this.#account.call({
        principal,
        region: this.#region,
        service: 'states',
        operation: 'StartExecution',
        input: { stateMachineArn, input },
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (attempt >= target.retries) {
        this.undelivered.push({ rule: rule.name, error: `${error.code}: ${error.message}` });
        return;
      }
      clock.after(FIRST_RETRY * 2 ** attempt, () => this.#deliver(rule, target, input, attempt + 1));
    }
  }
}

export function eventsService(account: Account, region: string): Events {
  return new Events(account, region);
}
