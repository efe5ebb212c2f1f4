import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import type { Meter } from '../../local/account/meter.ts';
import { AwsError } from '../../local/account/service.ts';
import type { StatesService } from '../../local/account/states/states.ts';
import { type LocalAccount, type LocalOptions, startLocal } from '../../local/local.ts';

/** One call that reached the account, whoever made it. */
export interface SeenCall {
  /** `ec2:CreateImage` */
  operation: string;
  region: string;
  /** When, in virtual milliseconds. */
  at: number;
  /** The code in which it was refused. */
  refused: string | undefined;
  /** Last part of the caller's ARN: a function's name, or an execution's. */
  caller: string;
}

/** How an execution ended. */
export interface Ended {
  arn: string;
  status: string;
  // biome-ignore lint/suspicious/noExplicitAny: every machine has its own output
  output: any;
  cause: string | undefined;
  startedAt: number;
  endedAt: number;
}

/** EC2 requests that were throttled. */
export const THROTTLED = 'RequestLimitExceeded';

/** The packaged template in a simulated account in virtual time, watched from outside. */
export class BenchWorld {
  readonly local: LocalAccount;
  readonly calls: SeenCall[] = [];

  private constructor(local: LocalAccount) {
    this.local = local;
    const { account } = local;
    const call = account.call.bind(account);
    account.call = async (asked) => {
      const seen: SeenCall = {
        operation: `${asked.service}:${asked.operation}`,
        region: asked.region,
        at: account.clock.now(),
        refused: undefined,
        caller: asked.principal.arn.split('/').at(-1) ?? '',
      };
      this.calls.push(seen);
      try {
        return await call(asked);
      } catch (error) {
        seen.refused = error instanceof AwsError ? error.code : String(error);
        throw error;
      }
    };
  }

  static async start(options: LocalOptions = {}): Promise<BenchWorld> {
    return new BenchWorld(await startLocal(options));
  }

  ec2(region = this.local.region): Ec2Service {
    return this.local.account.service<Ec2Service>('ec2', region);
  }

  /** What the operator is answered. */
  // biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
  call(service: string, operation: string, input: object, region = this.local.region): Promise<any> {
    const { account } = this.local;
    return account.call({ principal: account.operator, region, service, operation, input });
  }

  /** Starts a machine by its ARN, as the operator. Answers with the execution's ARN. */
  async begin(stateMachineArn: string, name: string, input: object): Promise<string> {
    const started = { stateMachineArn, name, input: JSON.stringify(input) };
    return (await this.call('states', 'StartExecution', started)).executionArn;
  }

  async end(executionArn: string): Promise<Ended> {
    const { account, region } = this.local;
    await account.service<StatesService>('states', region).ended(executionArn);
    const seen = await this.call('states', 'DescribeExecution', { executionArn });
    return {
      arn: executionArn,
      status: seen.status,
      output: seen.output === undefined ? undefined : JSON.parse(seen.output),
      cause: seen.cause,
      startedAt: seen.startDate.getTime(),
      endedAt: seen.stopDate.getTime(),
    };
  }

  /** Every event of one execution, the oldest first. */
  async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.call('states', 'GetExecutionHistory', {
        executionArn,
        maxResults: 1000,
        ...(nextToken !== undefined && { nextToken }),
      });
      events.push(...page.events);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  /** Calls by anybody but the operator. */
  callsOf(pattern: RegExp): SeenCall[] {
    return this.calls.filter(
      ({ operation, caller }) =>
        pattern.test(operation) && !caller.endsWith(':root') && caller !== 'background',
    );
  }
}

/** Dollars of orchestration on a bill: state transitions, and requests and GB-seconds of functions. */
export function orchestrationDollars(bill: Meter): number {
  const parts = bill.parts();
  return ['states:transition', 'lambda:request', 'lambda:gb-second'].reduce(
    (sum, part) => sum + (parts[part] ?? 0),
    0,
  );
}
