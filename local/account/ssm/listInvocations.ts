import type {
  CommandInvocation,
  ListCommandInvocationsRequest,
  ListCommandInvocationsResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../service.ts';
import type { Command, Invocation } from './command.ts';

const MOST = 50;
/** Characters of a plugin's output that this call shows: the length that the API reference gives for `Output`. */
const SHOWN = 2_500;
const CUT = '\n---Output truncated---';
const ERROR = '\n----------ERROR-------\n';

/**
 * One page of the invocations of commands, newest command first; with Details each says what its plugin wrote.
 * @throws AwsError InvalidNextToken, ValidationException
 */
export function listInvocations(
  commands: readonly Command[],
  request: ListCommandInvocationsRequest,
  now: number,
): ListCommandInvocationsResult {
  const { CommandId, InstanceId, Details = false, MaxResults = MOST, NextToken, Filters } = request;
  if (Filters?.length) throw new AwsError('NotSimulated', 'filters of invocations are not simulated', 501);
  if (MaxResults < 1 || MaxResults > MOST)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${MaxResults}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and ${MOST}`,
    );
  const start = Number(NextToken ?? 0);
  if (!Number.isInteger(start)) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const found = commands
    .filter((command) => CommandId === undefined || command.id === CommandId)
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(
      ({ invocation }) =>
        invocation.visibleFrom <= now && (InstanceId === undefined || invocation.instanceId === InstanceId),
    );
  const next = start + MaxResults;
  return {
    CommandInvocations: found.slice(start, next).map((one) => show(one.command, one.invocation, Details)),
    ...(next < found.length && { NextToken: String(next) }),
  };
}

function show(command: Command, invocation: Invocation, details: boolean): CommandInvocation {
  const { instanceId: InstanceId, status: Status, details: StatusDetails } = invocation;
  const { startedAt, finishedAt } = invocation;
  return {
    CommandId: command.id,
    InstanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    RequestedDateTime: new Date(command.requestedAt),
    Status,
    StatusDetails,
    CommandPlugins: details
      ? [
          {
            Name: 'run',
            Status: Status === 'Delayed' ? 'Pending' : Status === 'Cancelling' ? 'InProgress' : Status,
            StatusDetails,
            ResponseCode: invocation.exitCode,
            ...(startedAt !== undefined && { ResponseStartDateTime: new Date(startedAt) }),
            ...(finishedAt !== undefined && { ResponseFinishDateTime: new Date(finishedAt) }),
            Output: outputOf(invocation),
          },
        ]
      : [],
  };
}

/** Both streams one after the other, as the agent reports them. */
function outputOf({ stdout, stderr }: Invocation): string {
  const whole = stderr === '' ? stdout : `${stdout}${ERROR}${stderr}`;
  return whole.length <= SHOWN ? whole : `${whole.slice(0, SHOWN - CUT.length)}${CUT}`;
}
