import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { packageTemplate } from '../../local/deploy/package.ts';
import { type LocalAccount, startLocal } from '../../local/local.ts';

interface Template {
  Resources: Record<
    string,
    { Type: string; DeletionPolicy?: string; Properties?: { VpcEndpointType?: string } }
  >;
}

/** What AWS does not bill for being there, only for its use. An alarm or an interface endpoint is none of these. */
const FREE_WHILE_IDLE = new Set([
  'AWS::DynamoDB::Table', // on demand
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::Events::Rule',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Document',
  'AWS::SSM::Parameter', // standard tier
  'AWS::Scheduler::Schedule',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::StepFunctions::StateMachine',
]);

let packaged: string;
let template: Template;
let local: LocalAccount;

beforeAll(async () => {
  packaged = await packageTemplate({ stage: 'dev', region: 'eu-west-1' });
  template = JSON.parse(readFileSync(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8'));
  local = await startLocal({ packaged });
}, 120_000);
afterAll(async () => await local.close());

const ofType = (type: string) =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id]) => id);

describe('the packaged stack', () => {
  test('has room below the 500 resources of a stack', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(400);
  });

  test('leaves its key and its evidence behind when it goes', () => {
    const kept = Object.entries(template.Resources).filter(
      ([, resource]) => resource.DeletionPolicy === 'Retain',
    );
    expect(kept.map(([id]) => id).sort()).toEqual(['EvidenceBucket', 'Key']);
  });

  test('may give back every role in dev only', () => {
    const { params } = parse(readFileSync('serverless.yml', 'utf8'), { merge: true });
    const open = Object.entries<{ restorableRoles?: string }>(params).filter(
      ([, { restorableRoles }]) => restorableRoles === '*',
    );
    expect(open.map(([stage]) => stage)).toEqual(['dev']);
  });

  test('puts the sandbox into a zone that its stage names, with a range of its own', () => {
    expect(template.Resources.SandboxSubnet).toMatchObject({
      Properties: {
        AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
        CidrBlock: '10.255.240.0/24',
      },
    });
  });

  test('has nothing that costs while it is idle but its one key', () => {
    const costly = Object.entries(template.Resources).filter(
      ([, { Type, Properties }]) =>
        !FREE_WHILE_IDLE.has(Type) &&
        !(Type === 'AWS::EC2::VPCEndpoint' && Properties?.VpcEndpointType === 'Gateway'),
    );
    expect(costly.map(([id]) => id)).toEqual(['Key']);
  });

  test('has no policy that can never match on AWS', async () => {
    expect(await local.policyFaults()).toEqual([]);
  });

  test('denies every function to set the tag that allows termination, but at a launch', () => {
    const instance = `arn:aws:ec2:eu-west-1:${local.account.id}:instance/i-0123456789abcdef0`;
    const context = { 'aws:TagKeys': ['backup-drill:terminate'] };
    const ofFunctions = local.iam.roles().filter((role) => role.trusted.includes('lambda.amazonaws.com'));
    expect(ofFunctions.length).toBe(ofType('AWS::Lambda::Function').length);
    for (const { name } of ofFunctions) {
      const principal = { arn: `arn:aws:sts::${local.account.id}:assumed-role/${name}/x`, role: name };
      const refused = () =>
        local.iam.require(
          principal,
          { action: 'ec2:CreateTags', resource: instance, context },
          { service: 'ec2', operation: 'CreateTags', region: 'eu-west-1' },
        );
      expect(refused).toThrow('explicit deny');
    }
  });
});

test('every bundle starts as packaged and reaches its task', async () => {
  const started = ofType('AWS::Lambda::Function').map(async (id) => {
    const answer = (await local.account.call({
      principal: local.account.operator,
      region: local.region,
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: local.refs[id], Payload: Buffer.from('"nothing that any task takes"') },
    })) as { Payload: Uint8Array };
    return [id, JSON.parse(Buffer.from(answer.Payload).toString()).errorType];
  });
  const outcomes = await Promise.all(started);
  expect(outcomes.filter(([, errorType]) => errorType !== 'InvalidInput')).toEqual([]);
}, 60_000);

test('no bundle is larger than it needs to be', () => {
  const sizes = ofType('AWS::Lambda::Function').map((id) => {
    const name = id.replace(/LambdaFunction$/, '');
    const zip = `${name.charAt(0).toLowerCase()}${name.slice(1)}.zip`;
    const [code = new Uint8Array()] = Object.values(unzipSync(readFileSync(join(packaged, zip))));
    return [name, gzipSync(code).length] as const;
  });
  // An EC2 handler alone has 229 kB without our plugins; the largest here, with EC2, S3 and DynamoDB, had 185 kB.
  expect(sizes.filter(([, size]) => size > 220_000)).toEqual([]);
});
