import '../realm.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account } from '../../local/account/account.ts';
import { autoScalingService } from '../../local/account/autoscaling/autoscaling.ts';
import { cloudWatchService } from '../../local/account/cloudwatch/cloudwatch.ts';
import { type DynamoDb, dynamodbService } from '../../local/account/dynamodb/dynamodb.ts';
import { type Ec2Service, ec2Service } from '../../local/account/ec2/ec2.ts';
import { efsService } from '../../local/account/efs/efs.ts';
import { eventsService } from '../../local/account/events/events.ts';
import type { Iam } from '../../local/account/iam/iam.ts';
import { type Kms, kmsService } from '../../local/account/kms/kms.ts';
import type { Physics } from '../../local/account/physics.ts';
import { type S3, s3Service } from '../../local/account/s3/s3.ts';
import { type SsmService, ssmService } from '../../local/account/ssm/ssm.ts';
import { statesService } from '../../local/account/states/states.ts';
import { stsService } from '../../local/account/sts/sts.ts';
import { Clock } from '../../local/clock.ts';
import { sdkConfig } from '../../local/wire/inProcess.ts';
import { Principals } from '../../local/wire/principals.ts';
import { type ClientSettings, clientSettings } from '../../shared/clients.ts';
import { type Config, readConfig } from '../../shared/config.ts';
import type { TaskContext } from '../../shared/task.ts';
import { FakeHost } from '../local/account/fakeHost.ts';

const REGION = 'eu-west-1';
const PUBLIC_IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
const allowAll: Iam = { require: () => {}, allows: () => true };

/** Names of a hash key and a range key. */
type Keys = [hash: string, range: string];

/** A task as a test calls it. */
interface Runnable<Aws, Output> {
  definition: { aws: (settings: ClientSettings) => Aws };
  run: (input: unknown, context: TaskContext<Aws>) => Promise<Output>;
}

/** A simulated account with an ordinary network and this product's buckets, tables, key and documents in it. */
export class Simulated {
  readonly clock = new Clock({ start: Date.UTC(2026, 0, 2, 3, 4, 5) });
  readonly host = new FakeHost();
  readonly account: Account;
  readonly ec2: Ec2Service;
  readonly s3: S3;
  readonly dynamodb: DynamoDb;
  readonly config: Config;
  readonly subnetId: string;
  readonly groupId: string;
  readonly #principals = new Principals();
  readonly #directory = mkdtempSync(join(tmpdir(), 'backup-drill-'));

  private constructor(physics: Partial<Physics>) {
    this.account = new Account({
      clock: this.clock,
      directory: this.#directory,
      iam: allowAll,
      host: this.host,
      physics,
      services: {
        autoscaling: autoScalingService,
        ec2: ec2Service,
        cloudwatch: cloudWatchService,
        elasticfilesystem: efsService,
        events: eventsService,
        ssm: ssmService,
        s3: s3Service,
        kms: kmsService,
        dynamodb: dynamodbService,
        sts: stsService,
        states: statesService,
      },
    });
    this.ec2 = this.account.service<Ec2Service>('ec2', REGION);
    this.s3 = this.account.service<S3>('s3', REGION);
    this.dynamodb = this.account.service<DynamoDb>('dynamodb', REGION);
    const { network } = this.ec2;
    const VpcId = network.createVpc({
      CidrBlock: '10.0.0.0/16',
      EnableDnsSupport: true,
      EnableDnsHostnames: true,
    });
    this.subnetId = network.createSubnet({ VpcId, CidrBlock: '10.0.0.0/24' });
    const sandbox = network.createSubnet({ VpcId, CidrBlock: '10.0.1.0/24' });
    this.groupId = network.createSecurityGroup({
      GroupDescription: 'own',
      VpcId,
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/16' }],
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '10.0.0.0/16' }],
    });
    const sandboxGroup = network.createSecurityGroup({ GroupDescription: 'sandbox', VpcId });
    for (const name of ['web', 'sandbox']) this.ec2.registerInstanceProfile(name, `${name}-role`);
    const key = this.account.service<Kms>('kms', REGION).createKey('11111111-2222-4333-8444-555555555555');
    this.config = readConfig({
      DEPLOYMENT: 'backup-drill-test',
      RUNS_TABLE: 'runs',
      POINTS_TABLE: 'points',
      STAGING_BUCKET: 'staging',
      EVIDENCE_BUCKET: 'evidence',
      KEY_ARN: key.arn,
      TOPIC_ARN: 'topic',
      VPC_ID: VpcId,
      SUBNET_ID: sandbox,
      INSTANCE_SECURITY_GROUP: sandboxGroup,
      ENDPOINT_SECURITY_GROUP: 'sg-none',
      INSTANCE_PROFILE: 'sandbox',
      INSTANCE_ROLE_ARN: `arn:aws:iam::${this.account.id}:role/sandbox-role`,
      DOCUMENT_PREFIX: 'backup-drill-test',
      AWS_REGION: REGION,
    });
  }

  /** An account, with what is slow or eventual on AWS at once unless `physics` says otherwise. */
  static async start(physics: Partial<Physics> = {}): Promise<Simulated> {
    const made = new Simulated({ idLag: [0, 0], listLag: [0, 0], ...physics });
    const keyArn = made.config.keyArn;
    made.s3.createBucket({ name: 'staging', keyArn });
    made.s3.createBucket({
      name: 'evidence',
      keyArn,
      versioning: true,
      retention: { mode: 'GOVERNANCE', days: 1 },
    });
    await made.#createTable('runs', ['id', 'entry'], { name: 'by-kind', keys: ['kind', 'startedAt'] });
    await made.#createTable('points', ['resource', 'pointId']);
    return made;
  }

  async #createTable(TableName: string, keys: Keys, index?: { name: string; keys: Keys }): Promise<void> {
    const schema = ([hash, range]: Keys) => [
      { AttributeName: hash, KeyType: 'HASH' as const },
      { AttributeName: range, KeyType: 'RANGE' as const },
    ];
    const names = [...keys, ...(index?.keys ?? [])];
    await this.dynamodb.createTable({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: schema(keys),
      ...(index && {
        GlobalSecondaryIndexes: [
          { IndexName: index.name, KeySchema: schema(index.keys), Projection: { ProjectionType: 'ALL' } },
        ],
      }),
    });
  }

  /** Runs a task with real SDK clients against the account. */
  async run<Aws, Output>(task: Runnable<Aws, Output>, input: unknown): Promise<Output> {
    return await task.run(input, {
      aws: task.definition.aws(this.settings),
      now: () => new Date(this.clock.now()),
      config: this.config,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
  }

  /** What an SDK client needs to reach the account. */
  get settings() {
    const reach = sdkConfig(this.account, this.#principals, this.account.operator, REGION);
    return { ...clientSettings(), ...reach };
  }

  // biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
  call(service: string, operation: string, input: object = {}): Promise<any> {
    return this.account.call({ principal: this.account.operator, region: REGION, service, operation, input });
  }

  get now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  /** Lets virtual seconds pass. */
  async pass(seconds: number): Promise<void> {
    await this.clock.sleep(seconds * 1000);
  }

  /** Looks with a task every virtual second until it is ready. */
  async until<Aws, Output extends { ready: boolean }>(
    task: Runnable<Aws, Output>,
    input: object,
  ): Promise<Output> {
    const since = this.now;
    for (;;) {
      const looked = await this.run(task, { since, limitSeconds: 3600, ...input });
      if (looked.ready) return looked;
      await this.pass(1);
    }
  }

  /** An instance of a user: a root and an encrypted data volume, user data, a profile; up, unless `more` says else. */
  async userInstance(more: object = {}): Promise<string> {
    const { Instances } = await this.call('ec2', 'RunInstances', {
      ImageId: this.ec2.publicImageId(PUBLIC_IMAGE),
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 't4g.small',
      SubnetId: this.subnetId,
      SecurityGroupIds: [this.groupId],
      IamInstanceProfile: { Name: 'web' },
      UserData: Buffer.from('#!/bin/sh\necho secret').toString('base64'),
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/sdf',
          Ebs: { VolumeSize: 2, Encrypted: true, KmsKeyId: this.config.keyArn, VolumeType: 'gp3' },
        },
      ],
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
      ...more,
    });
    await this.pass(120);
    return Instances[0].InstanceId;
  }

  /** Gives the users' network its way to Systems Manager: the interface endpoints. */
  async connect(): Promise<void> {
    for (const name of ['ssm', 'ssmmessages'])
      await this.call('ec2', 'CreateVpcEndpoint', {
        VpcId: this.config.sandbox.vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: `com.amazonaws.${REGION}.${name}`,
        SubnetIds: [this.subnetId],
        SecurityGroupIds: [this.groupId],
        PrivateDnsEnabled: true,
      });
    await this.pass(180);
  }

  async instance(instanceId: string) {
    const { Reservations } = await this.call('ec2', 'DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0].Instances[0];
  }

  /** A document of this product with a script of a test's own. */
  document(name: string, script: string, parameters: string[] = []): void {
    const declared = [...parameters, 'executionTimeout'];
    this.account.service<SsmService>('ssm', REGION).createDocument(`backup-drill-test-${name}`, {
      schemaVersion: '2.2',
      parameters: Object.fromEntries(
        declared.map((each) => [each, { type: 'String', default: '60', interpolationType: 'ENV_VAR' }]),
      ),
      mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [script] } }],
    });
  }

  async close(): Promise<void> {
    await this.dynamodb.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
