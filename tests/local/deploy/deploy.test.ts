import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { Account } from '../../../local/account/account.ts';
import { type DynamoDb, dynamodbService } from '../../../local/account/dynamodb/dynamodb.ts';
import { ec2Service } from '../../../local/account/ec2/ec2.ts';
import { AccountIam } from '../../../local/account/iam/accountIam.ts';
import { kmsService } from '../../../local/account/kms/kms.ts';
import { LambdaService } from '../../../local/account/lambda/lambda.ts';
import { s3Service } from '../../../local/account/s3/s3.ts';
import { schedulerService } from '../../../local/account/scheduler/scheduler.ts';
import { snsService } from '../../../local/account/sns/sns.ts';
import { sqsService } from '../../../local/account/sqs/sqs.ts';
import { ssmService } from '../../../local/account/ssm/ssm.ts';
import { statesService } from '../../../local/account/states/states.ts';
import { deploy } from '../../../local/deploy/deploy.ts';
import type { Host } from '../../../local/host/host.ts';

const region = 'eu-west-1';
const keys = { accessKeyId: 'k', secretAccessKey: 's', sessionToken: 't' };
let directory: string;
let account: Account;
let iam: AccountIam;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-'));
  iam = new AccountIam();
  account = new Account({
    directory,
    iam,
    host: {} as Host, // no template has an instance
    services: {
      dynamodb: dynamodbService,
      ec2: ec2Service,
      kms: kmsService,
      s3: s3Service,
      sns: snsService,
      scheduler: schedulerService,
      sqs: sqsService,
      ssm: ssmService,
      states: statesService,
      lambda: (of, where) => new LambdaService(of, where, () => keys),
    },
  });
  account.endpoint = 'http://127.0.0.1:1';
});

afterEach(async () => {
  await account.service<LambdaService>('lambda', region).dispose();
  await account.service<DynamoDb>('dynamodb', region).close();
  rmSync(directory, { recursive: true });
});

async function deployed(Resources: object, rest: object = {}) {
  const template = JSON.stringify({ Resources, ...rest });
  writeFileSync(join(directory, 'cloudformation-template-update-stack.json'), template);
  return await deploy(account, directory, { stage: 'dev', region });
}

function role(service: string, ...Statement: object[]) {
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
    },
  };
}

function schedule(more: object = {}) {
  const start = {
    StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:m',
    Name: 'n',
    Input: '{}',
  };
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: 'nightly',
      ScheduleExpression: 'cron(15 1 * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Input: JSON.stringify(start),
      },
      ...more,
    },
  };
}

function call(service: string, operation: string, input: object, roleName?: string) {
  const principal = roleName
    ? { arn: `arn:aws:sts::${account.id}:assumed-role/${roleName}/x`, role: roleName }
    : account.operator;
  return account.call({ principal, region, service, operation, input });
}

describe('a template', () => {
  test('becomes a table, a topic and a role that may use only them', async () => {
    const table = {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'backup-drill-dev-runs',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    };
    const put = { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: { 'Fn::GetAtt': ['Runs', 'Arn'] } };
    const { refs, outputs } = await deployed(
      { Worker: role('lambda.amazonaws.com', put), Runs: table, Topic: { Type: 'AWS::SNS::Topic' } },
      { Outputs: { Name: { Value: { 'Fn::Sub': '${AWS::StackName}: ${Runs}' } } } },
    );
    expect(outputs).toEqual({ Name: 'backup-drill-dev: backup-drill-dev-runs' });
    expect(refs.Topic).toMatch(/^arn:aws:sns:eu-west-1:123456789012:backup-drill-dev-Topic-[0-9a-f]{12}$/);
    const item = { TableName: refs.Runs, Item: { id: { S: '1' } } };
    await call('dynamodb', 'PutItem', item, refs.Worker);
    await expect(
      call('dynamodb', 'DeleteItem', { TableName: refs.Runs, Key: item.Item }, refs.Worker),
    ).rejects.toThrow('is not authorized to perform: dynamodb:DeleteItem');
    expect(await call('dynamodb', 'GetItem', { TableName: refs.Runs, Key: item.Item })).toMatchObject({
      Item: item.Item,
    });
  });

  test('runs its functions with the environment that it resolves', async () => {
    const source = 'export const handler = async () => process.env.TOPIC;';
    writeFileSync(join(directory, 'fn.zip'), zipSync({ 'functions/fn.mjs': strToU8(source) }));
    const { refs } = await deployed({
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'b', S3Key: 'serverless/x/fn.zip' },
          Handler: 'functions/fn.handler',
          Runtime: 'nodejs24.x',
          Role: { 'Fn::GetAtt': ['Worker', 'Arn'] },
          Environment: { Variables: { TOPIC: { Ref: 'Topic' } } },
        },
      },
      Worker: role('lambda.amazonaws.com'),
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
    });
    const answer = (await call('lambda', 'Invoke', { FunctionName: refs.Fn })) as { Payload: Uint8Array };
    expect(Buffer.from(answer.Payload).toString()).toBe('"arn:aws:sns:eu-west-1:123456789012:alarms"');
  });

  test('keeps the policies of its buckets and keys', async () => {
    const everything = { Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' };
    const closed = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: { 'Fn::Sub': '${Bucket.Arn}/*' },
    };
    const { refs } = await deployed({
      Worker: role('lambda.amazonaws.com', everything),
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'staging' } },
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Bucket' },
          PolicyDocument: { Version: '2012-10-17', Statement: [closed] },
        },
      },
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: {
          KeyPolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'sns.amazonaws.com' },
                Action: 'kms:*',
                Resource: '*',
              },
            ],
          },
        },
      },
    });
    await expect(call('s3', 'GetObject', { Bucket: 'staging', Key: 'k' }, refs.Worker)).rejects.toThrow(
      'explicit deny in a resource-based policy',
    );
    await expect(call('kms', 'DescribeKey', { KeyId: refs.Key }, refs.Worker)).rejects.toThrow(
      'no resource-based policy allows the kms:DescribeKey action',
    );
  });

  test('leaves out what its conditions rule out', async () => {
    const { refs } = await deployed(
      {
        Here: { Type: 'AWS::SNS::Topic', Condition: 'IsHere' },
        There: { Type: 'AWS::SNS::Topic', Condition: 'IsThere' },
      },
      {
        Conditions: {
          IsHere: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] },
          IsThere: { 'Fn::Not': [{ Condition: 'IsHere' }] },
        },
      },
    );
    expect(Object.keys(refs)).toEqual(['Here']);
  });

  test('whose policies can never match on AWS is deployed, as AWS does, and that is told by name', async () => {
    const { policyFaults } = await deployed({
      Worker: role('lambda.amazonaws.com', {
        Sid: 'Typo',
        Effect: 'Allow',
        Action: 'ec2:TerminateInstance',
        Resource: '*',
      }),
    });
    expect(await policyFaults()).toEqual([
      expect.stringMatching(
        /^backup-drill-dev-Worker-.*, statement Typo: the action ec2:TerminateInstance does not exist$/,
      ),
    ]);
  });
});

describe('refused by name is', () => {
  test.each<[string, object, string]>([
    [
      'an unknown type of resource',
      { Cluster: { Type: 'AWS::ECS::Cluster' } },
      'Cluster: the resource type AWS::ECS::Cluster is not simulated',
    ],
    [
      'a reference that leads nowhere',
      { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'Ghost' } } } },
      'Topic: Ref Ghost leads nowhere',
    ],
    [
      'a wrong property',
      { Table: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
      'Table: TableName: Invalid key',
    ],
    [
      'a property that would be ignored',
      {
        Vpc: {
          Type: 'AWS::EC2::VPC',
          Properties: { CidrBlock: '10.0.0.0/24', InstanceTenancy: 'dedicated' },
        },
      },
      'Vpc: InstanceTenancy: is not simulated',
    ],
    [
      'a machine whose role Step Functions may not take on',
      {
        Role: role('lambda.amazonaws.com'),
        Machine: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: {
            StateMachineName: 'm',
            DefinitionString: '{}',
            RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          },
        },
      },
      'cannot be assumed by states.amazonaws.com',
    ],
    [
      'a schedule whose role EventBridge Scheduler may not take on',
      { Role: role('states.amazonaws.com'), Schedule: schedule() },
      'Schedule: the role backup-drill-dev-Role-',
    ],
    [
      'a schedule that AWS would not take',
      {
        Role: role('scheduler.amazonaws.com'),
        Schedule: schedule({ ScheduleExpression: 'cron(15 1 * * *)' }),
      },
      'Schedule: ValidationException: Invalid Schedule Expression cron(15 1 * * *).',
    ],
    [
      'a parameter that is too long',
      {
        Policy: {
          Type: 'AWS::SSM::Parameter',
          Properties: { Name: '/p', Type: 'String', Value: 'x'.repeat(4097) },
        },
      },
      'Policy: ValidationException: Standard tier parameters support a maximum parameter value of 4096',
    ],
  ])('%s', async (_, resources, message) => {
    await expect(deployed(resources)).rejects.toThrow(message);
  });
});

test('a template beyond what CloudFormation takes is refused', async () => {
  const topic = (Description: string) => ({
    Type: 'AWS::SNS::Topic',
    Properties: {},
    Metadata: { Description },
  });
  await expect(deployed({ Topic: topic('x'.repeat(1_000_000)) })).rejects.toThrow(
    'may not exceed 1000000 bytes',
  );
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`Topic${n}`, topic('')]));
  await expect(deployed(many)).rejects.toThrow(
    'Number of resources, 501, is greater than maximum allowed, 500',
  );
});
