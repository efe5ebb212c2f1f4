import { describe, expect, test } from '@jest/globals';
import { AccountIam } from '../../../../local/account/iam/accountIam.ts';
import { readPolicy } from '../../../../local/account/iam/policy.ts';
import type { Access, ConditionContext } from '../../../../local/account/service.ts';

const ACCOUNT = '123456789012';
const INSTANCE = `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/i-0123456789abcdef0`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`;
const principal = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/worker/session`, role: 'worker' };
const call = { service: 'ec2', operation: 'TerminateInstances', region: 'eu-west-1' };

function policy(...Statement: object[]) {
  return readPolicy({ Version: '2012-10-17', Statement }, 'policy');
}

function iamWith(...statements: object[]): AccountIam {
  const iam = new AccountIam({ now: () => Date.parse('2026-03-01T12:00:00Z') });
  const arn = `arn:aws:iam::${ACCOUNT}:role/worker`;
  iam.createRole({
    name: 'worker',
    arn,
    policies: [policy(...statements)],
    trusted: ['lambda.amazonaws.com'],
  });
  return iam;
}

function access(action: string, resource = '*', context: ConditionContext = {}): Access {
  return { action, resource, context };
}

const allowAll = { Effect: 'Allow', Action: 'ec2:*', Resource: '*' };

describe('a role', () => {
  test('may do nothing that no statement allows', () => {
    expect(iamWith(allowAll).allows(principal, access('s3:GetObject', 'arn:aws:s3:::b/k'))).toBe(false);
  });

  test('that does not exist may do nothing', () => {
    expect(iamWith(allowAll).allows({ ...principal, role: 'other' }, access('ec2:DescribeImages'))).toBe(
      false,
    );
  });

  test('is refused by an explicit deny, whatever else allows it', () => {
    const iam = iamWith(allowAll, { Effect: 'Deny', Action: 'ec2:Terminate*', Resource: '*' });
    expect(iam.allows(principal, access('ec2:TerminateInstances', INSTANCE))).toBe(false);
    expect(iam.allows(principal, access('ec2:StopInstances', INSTANCE))).toBe(true);
  });

  test('the operator, who has no role, may do everything', () => {
    const root = { arn: `arn:aws:iam::${ACCOUNT}:root` };
    expect(new AccountIam().allows(root, access('ec2:TerminateInstances', INSTANCE))).toBe(true);
  });
});

describe('actions and resources', () => {
  test.each([
    ['ec2:TerminateInstances', '*', 'ec2:TerminateInstances', INSTANCE, true],
    ['EC2:terminateinstances', '*', 'ec2:TerminateInstances', INSTANCE, true],
    ['ec2:Terminate?nstances', '*', 'ec2:TerminateInstances', INSTANCE, true],
    ['ec2:Terminate', '*', 'ec2:TerminateInstances', INSTANCE, false],
    ['*', `arn:aws:ec2:*:${ACCOUNT}:instance/*`, 'ec2:TerminateInstances', INSTANCE, true],
    ['*', `arn:aws:ec2:us-*:${ACCOUNT}:instance/*`, 'ec2:TerminateInstances', INSTANCE, false],
    ['*', 'arn:aws:ec2:*:instance/*', 'ec2:TerminateInstances', INSTANCE, false],
    ['*', 'arn:aws:s3:::bucket/a*', 's3:GetObject', 'arn:aws:s3:::bucket/a/b/c', true],
    ['*', 'arn:aws:s3:::bucket', 's3:GetObject', 'arn:aws:s3:::bucket/a', false],
    ['*', 'arn:aws:s3:::bucket/A', 's3:GetObject', 'arn:aws:s3:::bucket/a', false],
  ])('%s on %s, asked %s on %s: %s', (Action, Resource, action, resource, expected) => {
    expect(iamWith({ Effect: 'Allow', Action, Resource }).allows(principal, access(action, resource))).toBe(
      expected,
    );
  });

  test('NotAction and NotResource speak of all others', () => {
    const iam = iamWith({ Effect: 'Allow', NotAction: 'ec2:*', NotResource: 'arn:aws:s3:::secret/*' });
    expect(iam.allows(principal, access('s3:GetObject', 'arn:aws:s3:::open/k'))).toBe(true);
    expect(iam.allows(principal, access('s3:GetObject', 'arn:aws:s3:::secret/k'))).toBe(false);
    expect(iam.allows(principal, access('ec2:DescribeImages'))).toBe(false);
  });

  test('a policy variable takes its value from the request, and a value is never a pattern', () => {
    const iam = iamWith({
      Effect: 'Allow',
      Action: '*',
      Resource: 'arn:aws:s3:::bucket/${aws:PrincipalTag/team}/*',
    });
    const asked = (team?: string) =>
      iam.allows(
        principal,
        access('s3:GetObject', 'arn:aws:s3:::bucket/red/key', team ? { 'aws:PrincipalTag/team': team } : {}),
      );
    expect(asked('red')).toBe(true);
    expect(asked('blue')).toBe(false);
    expect(asked('*')).toBe(false);
    expect(asked()).toBe(false);
  });
});

describe('conditions, by the operators of the IAM user guide', () => {
  const none = {};
  test.each<[string, object, ConditionContext, boolean]>([
    ['an equal string', { StringEquals: { 'k:a': ['x', 'y'] } }, { 'k:a': 'y' }, true],
    ['another string', { StringEquals: { 'k:a': ['x', 'y'] } }, { 'k:a': 'Y' }, false],
    ['a missing key', { StringEquals: { 'k:a': 'x' } }, none, false],
    ['the key in another case', { StringEquals: { 'K:A': 'x' } }, { 'k:a': 'x' }, true],
    ['a negated operator', { StringNotEquals: { 'k:a': ['x', 'y'] } }, { 'k:a': 'z' }, true],
    [
      'a negated operator, one of its values',
      { StringNotEquals: { 'k:a': ['x', 'y'] } },
      { 'k:a': 'y' },
      false,
    ],
    ['a negated operator, a missing key', { StringNotEquals: { 'k:a': 'x' } }, none, true],
    ['IfExists, a missing key', { StringEqualsIfExists: { 'k:a': 'x' } }, none, true],
    ['IfExists, another value', { StringEqualsIfExists: { 'k:a': 'x' } }, { 'k:a': 'y' }, false],
    [
      'two operators, of which one fails',
      { StringEquals: { 'k:a': 'x' }, Bool: { 'k:b': 'true' } },
      { 'k:a': 'x', 'k:b': 'false' },
      false,
    ],
    ['ignoring case', { StringEqualsIgnoreCase: { 'k:a': 'ABC' } }, { 'k:a': 'abc' }, true],
    ['wildcards', { StringLike: { 'k:a': 'home/?/*' } }, { 'k:a': 'home/x/y/z' }, true],
    ['wildcards of an operator without them', { StringEquals: { 'k:a': 'h*' } }, { 'k:a': 'home' }, false],
    ['an escaped wildcard', { StringLike: { 'k:a': 'a${*}' } }, { 'k:a': 'ab' }, false],
    ['an ARN', { ArnLike: { 'k:a': 'arn:aws:sns:*:1:*' } }, { 'k:a': 'arn:aws:sns:eu-west-1:1:topic' }, true],
    [
      'an ARN, wildcards within a part',
      { ArnLike: { 'k:a': 'arn:aws:sns:*' } },
      { 'k:a': 'arn:aws:sns:eu-west-1:1:t' },
      false,
    ],
    ['Bool, a missing key', { Bool: { 'k:a': 'false' } }, none, false],
    ['Null true, a missing key', { Null: { 'k:a': 'true' } }, none, true],
    ['Null true, a key', { Null: { 'k:a': 'true' } }, { 'k:a': 'x' }, false],
    ['Null false, a key', { Null: { 'k:a': 'false' } }, { 'k:a': 'x' }, true],
    ['a number', { NumericLessThanEquals: { 'k:a': '10' } }, { 'k:a': '9' }, true],
    ['a greater number', { NumericLessThanEquals: { 'k:a': '10' } }, { 'k:a': '100' }, false],
    ['a date', { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, none, true],
    ['a date that is past', { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }, none, false],
    ['a network', { IpAddress: { 'k:a': '10.1.0.0/16' } }, { 'k:a': '10.1.2.3' }, true],
    ['another network', { IpAddress: { 'k:a': '10.1.0.0/16' } }, { 'k:a': '10.2.0.0' }, false],
    ['ForAnyValue, one fits', { 'ForAnyValue:StringEquals': { 'k:a': 'x' } }, { 'k:a': ['x', 'y'] }, true],
    ['ForAnyValue, none', { 'ForAnyValue:StringEquals': { 'k:a': 'x' } }, { 'k:a': ['y'] }, false],
    ['ForAnyValue, a missing key', { 'ForAnyValue:StringEquals': { 'k:a': 'x' } }, none, false],
    [
      'ForAnyValue negated, one differs',
      { 'ForAnyValue:StringNotEquals': { 'k:a': 'x' } },
      { 'k:a': ['x', 'y'] },
      true,
    ],
    [
      'ForAllValues, all fit',
      { 'ForAllValues:StringEquals': { 'k:a': ['x', 'y'] } },
      { 'k:a': ['x', 'y'] },
      true,
    ],
    [
      'ForAllValues, one does not',
      { 'ForAllValues:StringEquals': { 'k:a': 'x' } },
      { 'k:a': ['x', 'y'] },
      false,
    ],
    ['ForAllValues, a missing key', { 'ForAllValues:StringEquals': { 'k:a': 'x' } }, none, true],
    ['a value from the request', { StringEquals: { 'k:a': '${k:b}' } }, { 'k:a': 'x', 'k:b': 'x' }, true],
    ['a default of a variable', { StringEquals: { 'k:a': "${k:b, 'x'}" } }, { 'k:a': 'x' }, true],
    ['an operator that does not exist', { StringEqual: { 'k:a': 'x' } }, { 'k:a': 'x' }, false],
    [
      'the Region of the request, which IAM knows by itself',
      { Null: { 'aws:RequestedRegion': 'false' } },
      none,
      true,
    ],
  ])('%s', (_, Condition, context, expected) => {
    const iam = iamWith({ Effect: 'Allow', Action: '*', Resource: '*', Condition });
    const ask = () => iam.require(principal, access('ec2:DescribeImages', '*', context), call);
    if (expected) ask();
    else expect(ask).toThrow('no identity-based policy allows');
  });
});

describe('the interlock of termination', () => {
  const iam = iamWith(
    allowAll,
    {
      Effect: 'Deny',
      Action: 'ec2:CreateTags',
      Resource: '*',
      Condition: {
        'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': 'backup-drill:terminate' },
        StringNotEquals: { 'ec2:CreateAction': 'RunInstances' },
      },
    },
    { Effect: 'Deny', Action: 'ec2:DeleteTags', Resource: '*' },
  );
  test.each<[string, ConditionContext, boolean]>([
    [
      'at the launch',
      { 'aws:TagKeys': ['Name', 'backup-drill:terminate'], 'ec2:CreateAction': 'RunInstances' },
      true,
    ],
    [
      'at another creation',
      { 'aws:TagKeys': ['backup-drill:terminate'], 'ec2:CreateAction': 'CreateImage' },
      false,
    ],
    ['afterwards', { 'aws:TagKeys': ['backup-drill:terminate'] }, false],
    ['afterwards, in capitals', { 'aws:TagKeys': ['Backup-Drill:Terminate'] }, false],
    ['afterwards, among others', { 'aws:TagKeys': ['Name', 'backup-drill:terminate'] }, false],
    ['another tag', { 'aws:TagKeys': ['Name'] }, true],
  ])('may set the tag %s', (_, context, expected) => {
    expect(iam.allows(principal, access('ec2:CreateTags', INSTANCE, context))).toBe(expected);
  });
  test('no tag is removed, even when no name is given', () => {
    expect(iam.allows(principal, access('ec2:DeleteTags', INSTANCE))).toBe(false);
  });
});

describe('policies of resources', () => {
  const useKey = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY };
  const key = (...statements: object[]) => {
    const iam = iamWith(useKey);
    iam.putResourcePolicy(KEY, policy(...statements));
    return iam.allows(principal, access('kms:Decrypt', KEY));
  };
  const root = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'kms:*',
    Resource: '*',
  };

  test('a key that hands the decision to IAM is used by whom IAM allows', () => {
    expect(key(root)).toBe(true);
  });
  test('a key that does not is closed, whatever IAM says', () => {
    const service = { ...root, Principal: { Service: 'cloudwatch.amazonaws.com' } };
    expect(key(service)).toBe(false);
    expect(key({ ...root, Action: 'kms:Encrypt' })).toBe(false);
  });
  test('a role that the policy names needs nothing else', () => {
    const iam = iamWith();
    iam.putResourcePolicy(
      KEY,
      policy({ ...root, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/worker` } }),
    );
    expect(iam.allows(principal, access('kms:Decrypt', KEY))).toBe(true);
  });
  test('a deny of a bucket holds for its objects', () => {
    const iam = iamWith({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
    const denied = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteObject',
      Resource: 'arn:aws:s3:::b/*',
    };
    iam.putResourcePolicy('arn:aws:s3:::b', policy(denied));
    const ask = () =>
      iam.require(principal, access('s3:DeleteObject', 'arn:aws:s3:::b/k'), { ...call, service: 's3' });
    expect(ask).toThrow(/with an explicit deny in a resource-based policy$/);
    expect(iam.allows(principal, access('s3:GetObject', 'arn:aws:s3:::b/k'))).toBe(true);
  });
});

describe('a refusal', () => {
  function refused(service: string, action: string, resource: string, ...statements: object[]) {
    try {
      iamWith(...statements).require(principal, access(action, resource), { ...call, service });
      return undefined;
    } catch (error) {
      return error;
    }
  }
  test('of EC2 in its own words', () => {
    expect(refused('ec2', 'ec2:TerminateInstances', INSTANCE)).toMatchObject({
      code: 'UnauthorizedOperation',
      status: 403,
      message: `You are not authorized to perform this operation. User: ${principal.arn} is not authorized to perform: ec2:TerminateInstances on resource: ${INSTANCE} because no identity-based policy allows the ec2:TerminateInstances action`,
    });
  });
  test('by a deny says so', () => {
    const deny = { Effect: 'Deny', Action: '*', Resource: '*' };
    expect(
      refused('dynamodb', 'dynamodb:PutItem', 'arn:aws:dynamodb:eu-west-1:1:table/t', deny),
    ).toMatchObject({
      code: 'AccessDeniedException',
      status: 400,
      message: `User: ${principal.arn} is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:1:table/t with an explicit deny in an identity-based policy`,
    });
  });
  test.each([
    ['s3', 'AccessDenied'],
    ['sns', 'AuthorizationError'],
    ['sts', 'AccessDenied'],
    ['ssm', 'AccessDeniedException'],
    ['kms', 'AccessDeniedException'],
    ['states', 'AccessDeniedException'],
  ])('of %s has the code %s', (service, code) => {
    expect(refused(service, `${service}:Any`, '*')).toMatchObject({ code });
  });
});

describe('unused statements', () => {
  const read = {
    Sid: 'Read',
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject'],
    Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
  };

  test('are all of them before any call', () => {
    expect(iamWith(read).unusedStatements()).toEqual([
      {
        role: 'worker',
        effect: 'Allow',
        sid: 'Read',
        index: 0,
        action: 's3:GetObject s3:PutObject',
        resource: 'arn:aws:s3:::a/* arn:aws:s3:::b/*',
      },
    ]);
  });
  test('are told by action and by resource once a part was used', () => {
    const iam = iamWith(read);
    iam.allows(principal, access('s3:GetObject', 'arn:aws:s3:::a/k'));
    expect(iam.unusedStatements()).toMatchObject([
      { action: 's3:PutObject' },
      { resource: 'arn:aws:s3:::b/*' },
    ]);
    iam.allows(principal, access('s3:PutObject', 'arn:aws:s3:::b/k'));
    expect(iam.unusedStatements()).toEqual([]);
  });
  test('an allow that a deny overruled was not used', () => {
    const iam = iamWith(allowAll, { Effect: 'Deny', Action: '*', Resource: '*' });
    iam.allows(principal, access('ec2:DescribeImages'));
    expect(iam.unusedStatements()).toMatchObject([{ effect: 'Allow', action: 'ec2:*' }]);
  });
});
