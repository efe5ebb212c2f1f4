import type {
  CancelCommandRequest,
  DescribeInstanceInformationRequest,
  DescribeInstanceInformationResult,
  GetCommandInvocationRequest,
  ListCommandsRequest,
  ListCommandsResult,
  SendCommandRequest,
} from '@aws-sdk/client-ssm';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import { milliseconds } from '../physics.ts';
import { type Access, AwsError, type Operation, type Service } from '../service.ts';
import { showCommand, showInvocation } from './answers.ts';
import { type Command, deliver, end } from './command.ts';
import { type Document, render } from './document.ts';
import { describeInstanceInformation } from './instanceInformation.ts';
import { Parameters } from './parameters.ts';
import { newCommandId, sendCommandAccess, validateSendCommand } from './sendCommand.ts';

export interface SsmService extends Service {
  /** Makes a Command document, of its content as JSON or parsed. @throws Error when it has no shell step. */
  createDocument(name: string, content: unknown, tags?: Record<string, string>): void;
  /** Sets a parameter of the account's own. @throws AwsError ValidationException */
  putParameter(name: string, value: string): void;
}

/** Systems Manager in one Region: Run Command on the instances of the ec2 service there, and parameters. */
export function ssmService(account: Account, region: string): SsmService {
  const documents = new Map<string, { document: Document; tags: Record<string, string> }>();
  const commands = new Map<string, Command>();
  const newestFirst = () => [...commands.values()].reverse();
  const ec2 = () => account.service<Ec2Service>('ec2', region);
  const parameters = new Parameters(account, region, (name) => ec2().publicImageId(name));
  const find = (id: string | undefined) => commands.get(id ?? '');

  const sendCommand: Operation<SendCommandRequest, { Command: unknown }> = {
    access: (input) => {
      const tags = documents.get(documentName(input.DocumentName))?.tags ?? {};
      return sendCommandAccess(account, region, ec2(), input, tags);
    },
    run: (input) => {
      const { document } = documents.get(documentName(input.DocumentName)) ?? {};
      if (!document)
        throw new AwsError('InvalidDocument', `Document with name ${input.DocumentName} does not exist.`);
      const instanceIds = validateSendCommand(ec2(), input);
      const now = account.clock.now();
      const command: Command = {
        id: newCommandId(account.random),
        documentName: documentName(input.DocumentName),
        comment: input.Comment ?? '',
        requestedAt: now,
        deliveryTimeout: input.TimeoutSeconds ?? 3600,
        parameters: input.Parameters ?? {},
        rendered: render(document, input.Parameters),
        invocations: instanceIds.map((instanceId) => ({
          instanceId,
          status: 'Pending',
          details: 'Pending',
          exitCode: -1,
          stdout: '',
          stderr: '',
          visibleFrom: now + milliseconds(account.physics.invocationLag, account.random),
        })),
      };
      commands.set(command.id, command);
      for (const invocation of command.invocations) deliver(account, ec2(), command, invocation);
      return { Command: showCommand(command) };
    },
  };

  const getCommandInvocation: Operation<GetCommandInvocationRequest> = {
    access: () => onEverything('GetCommandInvocation'),
    run: (input) => {
      const command = find(input.CommandId);
      const invocation = command?.invocations.find((one) => one.instanceId === input.InstanceId);
      if (!command || !invocation || account.clock.now() < invocation.visibleFrom)
        throw new AwsError('InvocationDoesNotExist', 'An error occurred: the invocation does not exist.');
      return showInvocation(command, invocation);
    },
  };

  const listCommands: Operation<ListCommandsRequest, ListCommandsResult> = {
    access: () => onEverything('ListCommands'),
    run: ({ CommandId, InstanceId, MaxResults = 50, NextToken }) => {
      const start = Number(NextToken ?? 0);
      if (!Number.isInteger(start))
        throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
      const matching = newestFirst().filter(
        (command) =>
          (CommandId === undefined || command.id === CommandId) &&
          (InstanceId === undefined || command.invocations.some((one) => one.instanceId === InstanceId)),
      );
      const next = start + MaxResults;
      return {
        Commands: matching.slice(start, next).map(showCommand),
        ...(next < matching.length && { NextToken: String(next) }),
      };
    },
  };

  const cancelCommand: Operation<CancelCommandRequest> = {
    access: () => onEverything('CancelCommand'),
    run: ({ CommandId, InstanceIds }) => {
      const command = find(CommandId);
      if (!command) throw new AwsError('InvalidCommandId', 'The command ID is not valid.');
      for (const invocation of command.invocations)
        if (!InstanceIds?.length || InstanceIds.includes(invocation.instanceId)) {
          invocation.kill?.();
          end(account, command, invocation, 'Cancelled');
        }
      return {};
    },
  };

  const describeInformation: Operation<
    DescribeInstanceInformationRequest,
    DescribeInstanceInformationResult
  > = {
    access: () => onEverything('DescribeInstanceInformation'),
    run: (input) => describeInstanceInformation(account, ec2(), input),
  };

  return {
    createDocument: (name, content, tags = {}) => {
      const document: Document = typeof content === 'string' ? JSON.parse(content) : content;
      if (document.mainSteps[0]?.action !== 'aws:runShellScript')
        throw new Error(`document ${name}: only one step of aws:runShellScript is simulated`);
      documents.set(name, { document, tags });
    },
    putParameter: (name, value) => parameters.put(name, value),
    operations: {
      SendCommand: sendCommand,
      GetCommandInvocation: getCommandInvocation,
      ListCommands: listCommands,
      CancelCommand: cancelCommand,
      DescribeInstanceInformation: describeInformation,
      ...parameters.operations,
    },
  };
}

/** A document is called by its name or by its ARN. */
function documentName(nameOrArn = ''): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** An action that has no resource types. */
function onEverything(action: string): Access[] {
  return [{ action: `ssm:${action}`, resource: '*' }];
}
