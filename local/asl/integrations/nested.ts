import type { DescribeExecutionOutput, StartExecutionOutput } from '@aws-sdk/client-sfn';
import type { Service } from '../../account/service.ts';
import { StateFailure } from '../failure.ts';
import { isObject, type Json, toJson } from '../json.ts';
import { unlessAborted } from '../thread.ts';
import { callService, metadata, type Naming } from './call.ts';
import type { Attempt, Integration } from './integration.ts';

const STATES: Naming = {
  service: 'states',
  prefix: 'StepFunctions',
  general: 'AWSStepFunctionsException',
  optimised: 'AWSStepFunctions',
};

/** The part of the service that tells when an execution has ended (on AWS, a managed EventBridge rule does). */
export interface Executions extends Service {
  ended(executionArn: string): Promise<void>;
}

/**
 * `states:startExecution.sync:2`: runs another machine to its end; the result's Input and Output are JSON, not text. A
 * child that does not succeed is `States.TaskFailed`, its description the cause. A cut task stops its child.
 */
export const startExecutionSync: Integration = {
  resourceType: 'states',
  resource: 'startExecution.sync:2',
  takes: ['StateMachineArn', 'Input', 'Name', 'TraceHeader'],
  async perform(attempt) {
    const { account, machine } = attempt.frame.thread.run;
    const started = await start(attempt);
    const executionArn = started.executionArn ?? '';
    const executions = account.service<Executions>('states', machine.region);
    const StartDate = started.startDate?.getTime() ?? null;
    try {
      attempt.submitted({ ExecutionArn: executionArn, ...metadata(attempt), StartDate });
      await unlessAborted(attempt.signal, executions.ended(executionArn));
    } catch (error) {
      await stop(attempt, executionArn);
      throw error;
    }
    const child = await callService(attempt, STATES, 'DescribeExecution', { executionArn });
    const description = describe(child as DescribeExecutionOutput);
    if (description.Status === 'SUCCEEDED') return description;
    throw new StateFailure('States.TaskFailed', JSON.stringify(description));
  },
};

async function start(attempt: Attempt): Promise<StartExecutionOutput> {
  const { StateMachineArn, Input = {}, Name, TraceHeader } = attempt.arguments;
  const input = {
    stateMachineArn: StateMachineArn,
    input: typeof Input === 'string' ? Input : JSON.stringify(Input),
    ...(Name === undefined ? {} : { name: Name }),
    ...(TraceHeader === undefined ? {} : { traceHeader: TraceHeader }),
  };
  return (await callService(attempt, STATES, 'StartExecution', input)) as StartExecutionOutput;
}

/** Best effort, as on AWS: without the permission to stop it, the child goes on. */
async function stop(attempt: Attempt, executionArn: string): Promise<void> {
  const cause = `The Task state in AWS Step Functions execution [${attempt.frame.thread.run.arn}] which was managing this resource was aborted`;
  await callService(attempt, STATES, 'StopExecution', { executionArn, cause }).catch((error: unknown) => {
    if (!(error instanceof StateFailure)) throw error;
  });
}

/** A child's description as AWS gives it to the parent: names with a capital, dates in milliseconds, JSON parsed. */
function describe(child: DescribeExecutionOutput): { [key: string]: Json } {
  const described: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(child)) {
    const json = (key === 'input' || key === 'output') && typeof value === 'string';
    described[capital(key)] = json ? JSON.parse(value) : plain(value);
  }
  return described;
}

function plain(value: unknown): Json {
  if (value instanceof Date) return value.getTime();
  if (!isObject(value)) return toJson(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [capital(key), plain(inner)]));
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
