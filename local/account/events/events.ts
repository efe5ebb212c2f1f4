import type { Account } from '../account.ts';
import { AwsError, type Call, type Service } from '../service.ts';
import type { Execution } from '../states/execution.ts';
import type { StatesService } from '../states/states.ts';
import { fits } from './pattern.ts';
import { transformed } from './transform.ts';

/** What a rule does with an event: it starts a state machine with it for input, or publishes words of it to a topic. */
export type Target = (
  | { machineArn: string /** The role that it starts it with. */; roleName: string }
  | { topicArn: string; transformer: Transformer }
) & { /** How often a failed call is repeated. */ retries: number };

/** How a message is made of an event: JSON whose `<name>`s are the values at these paths. */
export interface Transformer {
  paths: Record<string, string>;
  template: string;
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
    fits({}, rule.pattern); // a filter that is not simulated is refused now
    this.#rules.set(rule.name, rule);
    return this.#arnOf(rule.name);
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
        for (const target of rule.targets) clock.after(DELIVERY, () => this.#deliver(rule, target, whole, 0));
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

  async #deliver(rule: Rule, target: Target, event: object, attempt: number): Promise<void> {
    const { clock } = this.#account;
    try {
      await this.#account.call({ region: this.#region, ...this.#callOf(rule, target, event) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (attempt >= target.retries) {
        this.undelivered.push({ rule: rule.name, error: `${error.code}: ${error.message}` });
        return;
      }
      clock.after(FIRST_RETRY * 2 ** attempt, () => this.#deliver(rule, target, event, attempt + 1));
    }
  }

  #callOf(rule: Rule, target: Target, event: object): Omit<Call, 'region'> {
    const { partition, id } = this.#account;
    if ('topicArn' in target) {
      const service = { name: 'events.amazonaws.com', sourceArn: this.#arnOf(rule.name) };
      const principal = { arn: `arn:${partition}:iam::${id}:service/events`, service };
      const input = { TopicArn: target.topicArn, Message: transformed(event, target.transformer) };
      return { principal, service: 'sns', operation: 'Publish', input };
    }
    const { roleName: role, machineArn: stateMachineArn } = target;
    const principal = { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/events`, role };
    const input = { stateMachineArn, input: JSON.stringify(event) };
    return { principal, service: 'states', operation: 'StartExecution', input };
  }

  #arnOf(name: string): string {
    return `arn:${this.#account.partition}:events:${this.#region}:${this.#account.id}:rule/${name}`;
  }
}

export function eventsService(account: Account, region: string): Events {
  return new Events(account, region);
}
