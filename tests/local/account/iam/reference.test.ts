import { describe, expect, test } from '@jest/globals';
import { MalformedPolicy, readPolicy } from '../../../../local/account/iam/policy.ts';
import { faultsOf } from '../../../../local/account/iam/reference.ts';

async function faults(statement: object) {
  const policies = [readPolicy({ Version: '2012-10-17', Statement: [statement] }, 'policy')];
  return await faultsOf({ name: 'worker', arn: '', trusted: [], policies });
}

const instances = 'arn:aws:ec2:eu-west-1:123456789012:instance/*';
const table = 'arn:aws:dynamodb:eu-west-1:123456789012:table/runs';

describe('what can never match on AWS is reported by name', () => {
  test.each<[string, object, string[]]>([
    [
      'an action that does not exist',
      { Action: 'ec2:TerminateInstance', Resource: '*' },
      ['worker, statement 0: the action ec2:TerminateInstance does not exist'],
    ],
    [
      'a pattern that fits no action',
      { Action: 'ec2:Kill*', Resource: '*' },
      ['worker, statement 0: the action ec2:Kill* does not exist'],
    ],
    [
      'a resource for an action that takes none',
      { Action: 'ec2:DescribeImages', Resource: instances },
      [
        'worker, statement 0: ec2:DescribeImages takes none of the resources',
        `worker, statement 0: no action takes the resource ${instances}`,
      ],
    ],
    [
      'an object for an action on buckets',
      { Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::b/*' },
      ['worker, statement 0: s3:ListBucket takes none of the resources'],
    ],
    [
      'an index for an action on tables',
      { Action: 'dynamodb:PutItem', Resource: [table, `${table}/index/*`] },
      [`worker, statement 0: no action takes the resource ${table}/index/*`],
    ],
    [
      'a condition key that the action lacks',
      {
        Action: 'ec2:DescribeImages',
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/a': 'b' } },
      },
      ['worker, statement 0: ec2:DescribeImages on * does not have the condition key aws:ResourceTag/a'],
    ],
    [
      'a condition key that one of the resources lacks',
      {
        Action: 'ec2:RunInstances',
        Resource: ['arn:aws:ec2:eu-west-1::image/*', instances],
        Condition: { StringEquals: { 'aws:RequestTag/a': 'b' } },
      },
      [
        'worker, statement 0: ec2:RunInstances on arn:aws:ec2:eu-west-1::image/* does not have the condition key aws:RequestTag/a',
      ],
    ],
    [
      'an operator that does not exist',
      {
        Action: 'ec2:StopInstances',
        Resource: instances,
        Condition: { StringEqual: { 'aws:ResourceTag/a': 'b' } },
      },
      ['worker, statement 0: the operator StringEqual does not exist'],
    ],
  ])('%s', async (_, statement, expected) => {
    expect(await faults({ Effect: 'Allow', ...statement })).toEqual(expected);
  });

  test.each<[string, object]>([
    [
      'an action on its resource type with a tag',
      {
        Action: 'ec2:TerminateInstances',
        Resource: instances,
        Condition: { StringEquals: { 'aws:ResourceTag/a': 'b' } },
      },
    ],
    [
      'a table and its index',
      { Action: ['dynamodb:Query', 'dynamodb:PutItem'], Resource: [table, `${table}/index/*`] },
    ],
    [
      'a command on documents and instances',
      { Action: 'ssm:SendCommand', Resource: ['arn:aws:ssm:eu-west-1:123456789012:document/d-*', instances] },
    ],
    [
      'a public parameter',
      {
        Action: 'ssm:GetParameter',
        Resource: 'arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/*',
      },
    ],
    [
      'a global condition key',
      { Action: 'sns:Publish', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o' } } },
    ],
    [
      'a grant for a service',
      {
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      },
    ],
  ])('but not %s', async (_, statement) => {
    expect(await faults({ Effect: 'Allow', ...statement })).toEqual([]);
  });
});

describe('a policy that IAM would not take is refused', () => {
  test.each<[string, object]>([
    ['an unknown key', { Effect: 'Allow', Action: '*', Resource: '*', Conditions: {} }],
    ['no effect', { Action: '*', Resource: '*' }],
    ['no resource', { Effect: 'Allow', Action: '*' }],
    ['both Action and NotAction', { Effect: 'Allow', Action: '*', NotAction: '*', Resource: '*' }],
  ])('%s', (_, statement) => {
    expect(() => readPolicy({ Version: '2012-10-17', Statement: [statement] }, 'p')).toThrow(MalformedPolicy);
  });
});
