import type {
  DescribeInstanceInformationRequest,
  DescribeInstanceInformationResult,
  InstanceInformationStringFilter,
} from '@aws-sdk/client-ssm';
import type { Account } from '../account.ts';
import type { Ec2Service } from '../ec2/ec2.ts';
import { AwsError } from '../service.ts';

/** What the API reference says of pages and filters. */
const FEWEST = 5;
const MOST = 50;
const USUAL = 10;
const MOST_VALUES = 100;

/**
 * One page of the instances whose agent is online now; those that have been online and are not any more are not shown.
 * @throws AwsError InvalidFilterKey, InvalidNextToken, ValidationException
 */
export function describeInstanceInformation(
  account: Account,
  ec2: Ec2Service,
  { Filters = [], MaxResults = USUAL, NextToken }: DescribeInstanceInformationRequest,
): DescribeInstanceInformationResult {
  if (MaxResults < FEWEST || MaxResults > MOST)
    throw invalid('maxResults', `Member must have value between ${FEWEST} and ${MOST}`);
  const passes = Filters.map((filter) => passing(ec2, filter));
  if (Filters.some(({ Values = [] }) => Values.length > MOST_VALUES || Values.length === 0))
    throw invalid('filters', `Member must have length between 1 and ${MOST_VALUES}`);
  const named = Filters.find(({ Key }) => Key === 'InstanceIds')?.Values;
  const ids: string[] = [];
  let after = NextToken;
  for (const id of ec2.onlineInstances(named)) {
    if (after !== undefined) {
      if (id === after) after = undefined;
      continue;
    }
    if (!passes.every((pass) => pass(id))) continue;
    if (ids.length === MaxResults) return answer(account, ids, ids.at(-1));
    ids.push(id);
  }
  if (after !== undefined) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  return answer(account, ids);
}

function passing(ec2: Ec2Service, { Key = '', Values = [] }: InstanceInformationStringFilter) {
  const wanted = new Set(Values);
  if (Key.startsWith('tag:')) {
    const tag = Key.slice('tag:'.length);
    return (id: string) => ec2.instanceTags(id).some((one) => one.Key === tag && wanted.has(one.Value ?? ''));
  }
  switch (Key) {
    case 'InstanceIds':
      return (id: string) => wanted.has(id);
    case 'tag-key':
      return (id: string) => ec2.instanceTags(id).some((one) => wanted.has(one.Key ?? ''));
    case 'PingStatus':
      return () => wanted.has('Online');
    case 'ResourceType':
      return () => wanted.has('EC2Instance');
    case 'PlatformTypes':
      return () => wanted.has('Linux');
    default:
      throw new AwsError('InvalidFilterKey', `The filter key ${Key} is not valid.`);
  }
}

function answer({ clock }: Account, ids: string[], NextToken?: string): DescribeInstanceInformationResult {
  return {
    InstanceInformationList: ids.map((InstanceId) => ({
      InstanceId,
      PingStatus: 'Online',
      LastPingDateTime: new Date(clock.now()),
      AgentVersion: '3.3.2746.0',
      PlatformType: 'Linux',
      PlatformName: 'Amazon Linux',
      PlatformVersion: '2023',
      ResourceType: 'EC2Instance',
    })),
    ...(NextToken !== undefined && { NextToken }),
  };
}

function invalid(member: string, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
