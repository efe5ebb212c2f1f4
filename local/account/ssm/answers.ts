import type { Command as CommandShape, CommandStatus, GetCommandInvocationResult } from '@aws-sdk/client-ssm';
import { type Command, type Invocation, isOver } from './command.ts';

/** How AWS shows a command as a whole: over when every invocation is, and then as the worst of them. */
export function showCommand(command: Command): CommandShape {
  const { invocations } = command;
  return {
    CommandId: command.id,
    DocumentName: command.documentName,
    Comment: command.comment,
    Parameters: command.parameters,
    InstanceIds: invocations.map(({ instanceId }) => instanceId),
    RequestedDateTime: new Date(command.requestedAt),
    ExpiresAfter: new Date(
      command.requestedAt + (command.deliveryTimeout + command.rendered.timeoutSeconds) * 1000,
    ),
    TimeoutSeconds: command.deliveryTimeout,
    Status: statusOf(command),
    StatusDetails: statusOf(command),
    TargetCount: invocations.length,
    CompletedCount: invocations.filter(isOver).length,
    ErrorCount: invocations.filter((one) => one.status === 'Failed').length,
    DeliveryTimedOutCount: invocations.filter((one) => one.details === 'DeliveryTimedOut').length,
  };
}

function statusOf({ invocations }: Command): CommandStatus {
  const has = (status: string) => invocations.some((one) => one.status === status);
  if (has('InProgress')) return 'InProgress';
  if (has('Pending')) return 'Pending';
  for (const status of ['Failed', 'TimedOut', 'Cancelled'] as const) if (has(status)) return status;
  return 'Success';
}

export function showInvocation(command: Command, invocation: Invocation): GetCommandInvocationResult {
  const { startedAt, finishedAt } = invocation;
  const iso = (moment: number | undefined) => (moment === undefined ? '' : new Date(moment).toISOString());
  const elapsed =
    startedAt !== undefined && finishedAt !== undefined ? (finishedAt - startedAt) / 1000 : undefined;
  return {
    CommandId: command.id,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    PluginName: 'run',
    ResponseCode: invocation.exitCode,
    ExecutionStartDateTime: iso(startedAt),
    ExecutionElapsedTime: elapsed === undefined ? '' : `PT${elapsed}S`,
    ExecutionEndDateTime: iso(finishedAt),
    Status: invocation.status,
    StatusDetails: invocation.details,
    StandardOutputContent: invocation.stdout,
    StandardErrorContent: invocation.stderr,
  };
}
