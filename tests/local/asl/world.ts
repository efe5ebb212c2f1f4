import { tmpdir } from 'node:os';
import type { DescribeExecutionOutput, HistoryEvent } from '@aws-sdk/client-sfn';
import { Account, type ServiceFactory } from '../../../local/account/account.ts';
import type { Iam } from '../../../local/account/iam/iam.ts';
import { AwsError, type Call, type Service } from '../../../local/account/service.ts';
import { type StatesService, statesService } from '../../../local/account/states/states.ts';
import { Clock } from '../../../local/clock.ts';
import type { Host } from '../../../local/host/host.ts';

export const REGION = 'eu-west-1';
/** 2026-01-02T03:04:05.000Z, the moment at which every test begins. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

export const allowAll = { require() {}, allows: () => true } as Pick<Iam, 'require' | 'allows'> as Iam;

/** An IAM that refuses some actions, in a service's words. */
export function denying(...actions: string[]): Iam {
  const some: Pick<Iam, 'require' | 'allows'> = {
    require(principal, access) {
      if (actions.includes(access.action))
        throw new AwsError('AccessDeniedException', `${principal.arn} may not ${access.action}`, 403);
    },
    allows: (_principal, access) => !actions.includes(access.action),
  };
  return some as Iam;
}

// biome-ignore lint/suspicious/noExplicitAny: every operation has its own input
type Handler = (input: any, call: Call) => unknown;

/** A service whose operations are plain functions; every one needs the action of its own name. */
export function fake(name: string, operations: Record<string, Handler>): ServiceFactory {
  return (): Service => ({
    operations: Object.fromEntries(
      Object.entries(operations).map(([operation, run]) => [
        operation,
        { access: () => [{ action: `${name}:${operation}`, resource: '*' }], run },
      ]),
    ),
  });
}

/** What a fake function is: its event in, its result out, after a second; what it throws is its error. */
// biome-ignore lint/suspicious/noExplicitAny: every function has its own event
export type FakeFunction = (event: any) => unknown;

/** A Lambda of fake functions by name. */
export function fakeLambda(functions: Record<string, FakeFunction>, seconds = 1): ServiceFactory {
  return (account) => ({
    operations: {
      Invoke: {
        access: () => [{ action: 'lambda:InvokeFunction', resource: '*' }],
        async run(input) {
          const handler = functions[input.FunctionName];
          if (!handler)
            throw new AwsError('ResourceNotFoundException', `Function not found: ${input.FunctionName}`, 404);
          await account.clock.sleep(seconds * 1000);
          try {
            const result = await handler(JSON.parse(Buffer.from(input.Payload).toString()));
            return { StatusCode: 200, Payload: JSON.stringify(result ?? null) };
          } catch (error) {
            const { name, message } = error as Error;
            const payload = { errorType: name, errorMessage: message, trace: [] };
            return { StatusCode: 200, FunctionError: 'Unhandled', Payload: JSON.stringify(payload) };
          }
        },
      },
    },
  });
}

export interface World {
  account: Account;
  states: StatesService;
  /** Creates a machine `name` of these states, the first of which is the first one written. */
  create(name: string, states: object, rest?: object): string;
  /** Starts an execution and gives its ARN. */
  start(machineArn: string, input?: unknown, name?: string): Promise<string>;
  describe(executionArn: string): Promise<DescribeExecutionOutput>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Runs a machine of these states to its end, and gives its description with the output parsed, and its history. */
  run(states: object, input?: unknown, rest?: object): Promise<Ran>;
}

export interface Ran {
  status: string;
  // biome-ignore lint/suspicious/noExplicitAny: every machine has its own output
  output: any;
  error: string | undefined;
  cause: string | undefined;
  seconds: number;
  events: HistoryEvent[];
  types: string[];
}

/** An account with Step Functions and these services. */
export function world(services: Record<string, ServiceFactory> = {}, iam: Iam = allowAll): World {
  const clock = new Clock({ start: START });
  // No machine of these tests has an instance.
  const host = {} as Host;
  const account = new Account({
    clock,
    directory: tmpdir(),
    host,
    iam,
    services: { states: statesService, ...services },
  });
  const states = account.service<StatesService>('states', REGION);
  const call = (operation: string, input: unknown) => callStates(made, operation, input);
  const made: World = {
    account,
    states,
    create(name, list, rest = {}) {
      const definition = { QueryLanguage: 'JSONata', StartAt: Object.keys(list)[0], States: list, ...rest };
      return states.createStateMachine({ name, definition, roleName: 'machine-role' });
    },
    async start(stateMachineArn, input = {}, name = 'run-1') {
      const started = await call('StartExecution', { stateMachineArn, input: JSON.stringify(input), name });
      return started.executionArn;
    },
    describe: (executionArn) => call('DescribeExecution', { executionArn }),
    history: async (executionArn) =>
      (await call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events,
    async run(list, input, rest) {
      const executionArn = await made.start(made.create('machine', list, rest), input);
      await states.ended(executionArn);
      const { status, output, error, cause, stopDate } = await made.describe(executionArn);
      const events = await made.history(executionArn);
      return {
        status: status ?? '',
        output: output === undefined ? undefined : JSON.parse(output),
        error,
        cause,
        seconds: ((stopDate?.getTime() ?? 0) - START) / 1000,
        events,
        types: events.map((event) => event.type ?? ''),
      };
    },
  };
  return made;
}

/** Calls an operation of a world's Step Functions as the operator. */
export async function callStates({ account }: Pick<World, 'account'>, operation: string, input: unknown) {
  // biome-ignore lint/suspicious/noExplicitAny: every operation has its own output
  const output: any = await account.call({
    principal: account.operator,
    region: REGION,
    service: 'states',
    operation,
    input,
  });
  return output;
}

/** A Task that invokes a fake function with the state's input, and whose output is what the function returned. */
export function invoking(name: string, rest: object = { End: true }) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...rest,
  };
}

/** Throws an error of this name. */
export function thrower(name: string, message = 'no'): FakeFunction {
  return () => {
    throw Object.assign(new Error(message), { name });
  };
}
