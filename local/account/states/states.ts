import type {
  DescribeExecutionInput,
  GetExecutionHistoryInput,
  ListExecutionsInput,
  ListStateMachinesInput,
  SendTaskFailureInput,
  SendTaskSuccessInput,
  StartExecutionInput,
  StopExecutionInput,
} from '@aws-sdk/client-sfn';
import { checkDefinition } from '../../asl/check.ts';
import type { Executions } from '../../asl/integrations/nested.ts';
import { type Json, PAYLOAD_LIMIT } from '../../asl/json.ts';
import { TaskTokens } from '../../asl/taskTokens.ts';
import type { Machine } from '../../asl/thread.ts';
import { seededUuid } from '../../asl/uuid.ts';
import type { Account } from '../account.ts';
import { AwsError, type Operation } from '../service.ts';
import { Execution } from './execution.ts';
import { checkName } from './names.ts';
import { page } from './page.ts';
import { PastExecutions } from './pastExecutions.ts';
import { checkManagedRule } from './role.ts';

export interface StatesService extends Executions {
  /**
   * Creates a machine, as CloudFormation does. @param machine definition: the States Language as an object
   * @returns its ARN @throws AwsError InvalidDefinition, InvalidName, StateMachineAlreadyExists, AccessDeniedException
   */
  createStateMachine(machine: { name: string; definition: unknown; roleName: string }): string;
  /** Tells of every execution that ends, however it does. */
  onEnd(listener: (execution: Execution) => void): void;
}

/** Step Functions (Standard workflows) in one Region. */
export function statesService(account: Account, region: string): StatesService {
  const machines = new Map<string, Machine>();
  const executions: Execution[] = [];
  const byArn = new Map<string, Execution>();
  const tokens = new TaskTokens();
  const past = new PastExecutions();
  const listeners: ((execution: Execution) => void)[] = [];

  function execution(arn: string): Execution {
    const found = byArn.get(arn);
    if (!found) throw doesNotExist(arn);
    return found;
  }

  function machine(arn: string): Machine {
    const found = machines.get(arn);
    if (!found) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return found;
  }

  function start(asked: StartExecutionInput) {
    const of = machine(asked.stateMachineArn ?? '');
    const name = asked.name ?? seededUuid(account.random);
    checkName(name);
    const input = asked.input ?? '{}';
    parseInput(input);
    const fresh = new Execution(account, { machine: of, name, input, tokens });
    const before = byArn.get(fresh.arn);
    if (before && !(before.status === 'RUNNING' && before.input === input))
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${fresh.arn}'`);
    if (before) return { executionArn: before.arn, startDate: before.startDate };
    byArn.set(fresh.arn, fresh);
    executions.push(fresh);
    void fresh.run().then(() => past.add(fresh));
    void fresh.ended.then(() => {
      for (const listener of listeners) listener(fresh);
    });
    return { executionArn: fresh.arn, startDate: fresh.startDate };
  }

  return {
    createStateMachine({ name, definition, roleName }) {
      checkName(name);
      const arn = `arn:${account.partition}:states:${region}:${account.id}:stateMachine:${name}`;
      const checked = checkDefinition(definition, account, region);
      checkManagedRule(account, region, roleName, checked);
      if (machines.has(arn))
        throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
      const roleArn = `arn:${account.partition}:iam::${account.id}:role/${roleName}`;
      const createdAt = account.clock.now();
      machines.set(arn, { arn, name, region, roleArn, roleName, definition: checked, createdAt });
      return arn;
    },

    onEnd: (listener) => listeners.push(listener),

    ended: (executionArn) => execution(executionArn).ended,

    operations: {
      StartExecution: on('stateMachineArn', (asked: StartExecutionInput) => start(asked)),
      DescribeExecution: on('executionArn', ({ executionArn = '' }: DescribeExecutionInput) =>
        execution(executionArn).describe(),
      ),
      GetExecutionHistory: on(
        'executionArn',
        ({ executionArn = '', reverseOrder, ...asked }: GetExecutionHistoryInput) => {
          const found = execution(executionArn);
          if (past.hasForgotten(found)) throw doesNotExist(executionArn);
          const { events } = found.history;
          const { items, ...next } = page(events, { ...asked, reverse: reverseOrder });
          return { events: items, ...next };
        },
      ),
      StopExecution: on('executionArn', ({ executionArn = '', error, cause }: StopExecutionInput) => {
        const found = execution(executionArn);
        found.abort(error, cause);
        return { stopDate: found.stopDate };
      }),
      ListExecutions: on(
        'stateMachineArn',
        ({ stateMachineArn = '', statusFilter, ...asked }: ListExecutionsInput) => {
          const of = machine(stateMachineArn);
          const { items, ...next } = page(
            executions,
            { ...asked, reverse: true },
            (one) => one.machine === of && (statusFilter === undefined || one.status === statusFilter),
          );
          return { executions: items.map(listed), ...next };
        },
      ),
      ListStateMachines: on('*', (asked: ListStateMachinesInput) => {
        const { items, ...next } = page([...machines.values()], asked);
        const stateMachines = items.map(({ arn, name, createdAt }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: new Date(createdAt),
        }));
        return { stateMachines, ...next };
      }),
      SendTaskSuccess: on('*', ({ taskToken = '', output = '' }: SendTaskSuccessInput) => {
        tokens.succeed(taskToken, parseOutput(output));
        return {};
      }),
      SendTaskFailure: on('*', ({ taskToken = '', error = '', cause }: SendTaskFailureInput) => {
        tokens.fail(taskToken, error, cause);
        return {};
      }),
    },
  };
}

function doesNotExist(arn: string): AwsError {
  return new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

/** An operation that needs the action of its own name on the ARN in this member of its input. */
function on<Input>(
  member: 'stateMachineArn' | 'executionArn' | '*',
  run: (input: Input) => unknown,
): Operation {
  return {
    access: (input, { operation }) => [{ action: `states:${operation}`, resource: input[member] ?? '*' }],
    run,
  };
}

/** One execution as ListExecutions shows it. */
function listed({ arn, machine, name, status, startDate, stopDate }: Execution) {
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate,
    ...(stopDate && { stopDate }),
  };
}

/** @throws AwsError InvalidExecutionInput, ValidationException */
function parseInput(text: string): void {
  if (Buffer.byteLength(text) > PAYLOAD_LIMIT)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${PAYLOAD_LIMIT}`,
    );
  try {
    JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}

/** @throws AwsError InvalidOutput */
function parseOutput(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError('InvalidOutput', "Invalid Output: 'The output is not JSON'");
  }
}
