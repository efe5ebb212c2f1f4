import type { Tag } from '@aws-sdk/client-ec2';
import type { SendCommandRequest } from '@aws-sdk/client-ssm';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import { type Access, AwsError, type ConditionContext } from '../service.ts';

/** What SendCommand touches: the document and each instance, both with their tags. */
export function sendCommandAccess(
  { partition, id }: Account,
  region: string,
  ec2: Ec2Service,
  { DocumentName = '', InstanceIds = [] }: SendCommandRequest,
  documentTags: Record<string, string>,
): Access[] {
  const owner = /^(AWS|Amazon)/.test(DocumentName) ? '' : id; // AWS's own documents belong to no account
  const document = DocumentName.startsWith('arn:')
    ? DocumentName
    : `arn:${partition}:ssm:${region}:${owner}:document/${DocumentName}`;
  return [
    {
      action: 'ssm:SendCommand',
      resource: document,
      context: tagContext(Object.entries(documentTags).map(([Key, Value]) => ({ Key, Value }))),
    },
    ...InstanceIds.map((instanceId) => ({
      action: 'ssm:SendCommand',
      resource: `arn:${partition}:ec2:${region}:${id}:instance/${instanceId}`,
      context: tagContext(ec2.instanceTags(instanceId)),
    })),
  ];
}

function tagContext(tags: Tag[]): ConditionContext {
  const context: ConditionContext = {};
  for (const { Key, Value = '' } of tags) {
    context[`ssm:resourceTag/${Key}`] = Value;
    context[`aws:ResourceTag/${Key}`] = Value;
  }
  return context;
}

/** The instances that a request names. @throws AwsError as AWS refuses what does not fit. */
export function validateSendCommand(ec2: Ec2Service, input: SendCommandRequest): string[] {
  const { InstanceIds = [], Comment = '', TimeoutSeconds = 3600 } = input;
  if (InstanceIds.length > 50)
    throw outOfRange('instanceIds', 'Member must have length less than or equal to 50');
  if (Comment.length > 100) throw outOfRange('comment', 'Member must have length less than or equal to 100');
  if (TimeoutSeconds < 30)
    throw outOfRange('timeoutSeconds', 'Member must have value greater than or equal to 30');
  if (InstanceIds.length === 0)
    throw new AwsError('ValidationException', 'Targets or instance ids are required.');
  if (new Set(InstanceIds).size < InstanceIds.length)
    throw new AwsError('DuplicateInstanceId', 'An instance id is given more than once.');
  const offline = InstanceIds.filter((id) => !ec2.agentOnline(id));
  if (offline.length > 0)
    throw new AwsError(
      'InvalidInstanceId',
      `Instances [[${offline.join(', ')}]] not in a valid state for account`,
    );
  return InstanceIds;
}

function outOfRange(member: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** A random UUID, from the account's own numbers. */
export function newCommandId(random: () => number): string {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
