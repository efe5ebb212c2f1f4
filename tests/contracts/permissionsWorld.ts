import '../realm.ts';
import type { Ec2Service } from '../../local/account/ec2/ec2.ts';
import type { Statement } from '../../local/account/iam/policy.ts';
import type { S3 } from '../../local/account/s3/s3.ts';
import type { SsmService } from '../../local/account/ssm/ssm.ts';
import type { Executions } from '../../local/asl/integrations/nested.ts';
import { type LocalAccount, type LocalOptions, startLocal } from '../../local/local.ts';
import { TAG } from '../../shared/tags.ts';

/** Logical ids of the machines, without their ending. */
export type MachineId =
  | 'AmiBackup'
  | 'BatchBackup'
  | 'DrDrill'
  | 'PolicyRun'
  | 'PolicyWatch'
  | 'Restore'
  | 'RebuildIndex'
  | 'Retention'
  | 'RunCommand';

/** How an execution ended, and the states that it entered. */
export interface Run {
  runId: string;
  arn: string;
  status: string;
  error: string;
  cause: string;
  // biome-ignore lint/suspicious/noExplicitAny: each machine has an output of its own
  output: any;
  entered: string[];
}

// biome-ignore lint/suspicious/noExplicitAny: each operation has an answer of its own
type Answer = any;

const DEVICES = [
  { deviceName: '/dev/sdf', path: '/data' },
  { deviceName: '/dev/sdg', path: '/var/lib/app' },
];
const PATHS = DEVICES.map(({ path }) => path);

/** The packaged stack in a local account, as a person with all rights sees it. */
export class PackagedWorld {
  readonly local: LocalAccount;
  #runs = 0;

  private constructor(local: LocalAccount) {
    this.local = local;
  }

  static async start(options: LocalOptions = {}): Promise<PackagedWorld> {
    return new PackagedWorld(await startLocal(options));
  }

  close(): Promise<void> {
    return this.local.close();
  }

  /** Runs a machine from its start to its end. */
  async run(machine: MachineId, input: object): Promise<Run> {
    const { arn, runId } = await this.begin(machine, input);
    return await this.end(arn, runId);
  }

  /** Starts a machine. */
  async begin(machine: MachineId, input: object): Promise<{ arn: string; runId: string }> {
    const runId = `${machine.toLowerCase()}-${++this.#runs}`;
    const started = await this.call('states', 'StartExecution', {
      stateMachineArn: this.local.refs[`${machine}StateMachine`],
      name: runId,
      input: JSON.stringify(input),
    });
    return { arn: started.executionArn, runId };
  }

  /** Waits for the end of an execution. */
  async end(arn: string, runId: string): Promise<Run> {
    await this.local.account.service<Executions>('states', this.local.region).ended(arn);
    const {
      status,
      error = '',
      cause = '',
      output,
    } = await this.call('states', 'DescribeExecution', {
      executionArn: arn,
    });
    return {
      runId,
      arn,
      status,
      error,
      cause,
      output: output === undefined ? undefined : JSON.parse(output),
      entered: await this.entered(arn),
    };
  }

  /** Names of the states that an execution has entered so far, in their order. */
  async entered(executionArn: string): Promise<string[]> {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.call('states', 'GetExecutionHistory', {
        executionArn,
        maxResults: 1000,
        ...(nextToken && { nextToken }),
      });
      for (const { stateEnteredEventDetails } of page.events)
        if (stateEnteredEventDetails) names.push(stateEnteredEventDetails.name);
      nextToken = page.nextToken;
    } while (nextToken);
    return names;
  }

  /** Calls any operation with all rights. */
  async call(service: string, operation: string, input: object): Promise<Answer> {
    const { account, region } = this.local;
    const call = { principal: account.operator, region, service, operation, input };
    if (service === 'lambda') return await account.call(call);
    return await account.clock.hold(() => account.call(call));
  }

  /** Invokes a function by its logical id without the ending. @throws Error with the function's errorType as its name */
  async invoke(functionId: string, payload: object): Promise<Answer> {
    const answer = await this.call('lambda', 'Invoke', {
      FunctionName: this.local.refs[`${functionId}LambdaFunction`],
      Payload: Buffer.from(JSON.stringify(payload)),
    });
    const result = JSON.parse(Buffer.from(answer.Payload).toString());
    if (!answer.FunctionError) return result;
    throw Object.assign(new Error(result.errorMessage), { name: result.errorType });
  }

  /** Launches an instance with data on two volumes, and the endpoints that it needs; both belong to the run `world`. */
  async source(): Promise<{ instanceId: string; paths: string[] }> {
    const runId = 'world';
    const opened = await this.invoke('OpenEndpoints', { runId, endpoints: 'create' });
    const since = opened.askedAt;
    const limitSeconds = 3600;
    await this.until('CheckEndpoints', { endpointIds: opened.endpointIds, since, limitSeconds });
    const { instanceId } = await this.invoke('LaunchSource', {
      runId,
      instanceType: 't4g.small',
      imageParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      dataVolumes: DEVICES,
    });
    await this.until('CheckOnline', { instanceId, since, limitSeconds });
    const { volumes } = await this.invoke('IdentifySource', { instanceId });
    const ids = DEVICES.map(({ deviceName, path }) => {
      const volume = volumes.find((one: { deviceName: string }) => one.deviceName === deviceName);
      return `${volume.volumeId}=${path}`;
    });
    const seeded = await this.run('RunCommand', {
      runId,
      instanceId,
      step: 'seed',
      document: 'seed-data',
      parameters: { Volumes: ids.join(' '), Paths: PATHS.join(' ') },
      timeoutSeconds: 600,
    });
    if (seeded.status !== 'SUCCEEDED') throw new Error(`${seeded.error}: ${seeded.cause}`);
    return { instanceId, paths: PATHS };
  }

  /** Invokes a function that looks, until it is ready. */
  async until(functionId: string, payload: object): Promise<Answer> {
    for (;;) {
      const look = await this.invoke(functionId, payload);
      if (look.ready) return look;
      await this.local.account.clock.sleep(look.waitSeconds * 1000);
    }
  }

  /** What of a run is still there once every list shows it: instances that are not terminated, images, …, locks. */
  async leftBehind(runId: string): Promise<string[]> {
    await this.local.account.clock.sleep(120_000);
    const Filters = [{ Name: `tag:${TAG.run}`, Values: [runId] }];
    const [reserved, images, snapshots, volumes, endpoints] = await Promise.all([
      this.call('ec2', 'DescribeInstances', { Filters }),
      this.call('ec2', 'DescribeImages', { Filters }),
      this.call('ec2', 'DescribeSnapshots', { Filters }),
      this.call('ec2', 'DescribeVolumes', { Filters }),
      this.call('ec2', 'DescribeVpcEndpoints', { Filters }),
    ]);
    const instances = reserved.Reservations.flatMap((one: Answer) => one.Instances);
    const ids = (items: Answer[], name: string): string[] => items.map((item) => item[name]);
    return [
      ...ids(
        instances.filter((one: Answer) => one.State.Name !== 'terminated'),
        'InstanceId',
      ),
      ...ids(images.Images, 'ImageId'),
      ...ids(snapshots.Snapshots, 'SnapshotId'),
      ...ids(volumes.Volumes, 'VolumeId'),
      ...ids(endpoints.VpcEndpoints, 'VpcEndpointId'),
      ...this.bucket('StagingBucket').keys(`runs/${runId}/`),
      ...(await this.locks(runId)),
    ];
  }

  /** The locks that a run holds. */
  async locks(runId: string): Promise<string[]> {
    const { Items } = await this.call('dynamodb', 'Scan', { TableName: this.local.refs.RunsTable });
    return Items.filter((item: Answer) => item.entry.S === 'lock' && item.runId.S === runId).map(
      (item: Answer) => item.id.S,
    );
  }

  /** Removes with the stack's own cleanup what a run has left, and its locks. */
  async tidy(runId: string): Promise<void> {
    const since = new Date(this.local.account.clock.now()).toISOString();
    await this.until('CleanUp', { runId, since, limitSeconds: 3600 });
    for (const lock of await this.locks(runId))
      await this.invoke('ReleaseLock', { runId, resource: lock.replace('lock#', '') });
  }

  /** Puts a policy where the plugin puts those of policies.yml. */
  havePolicy(name: string, policy: object): void {
    const ssm = this.local.account.service<SsmService>('ssm', this.local.region);
    ssm.putParameter(`/backup-drill-dev/policies/${name}`, JSON.stringify({ name, ...policy }));
  }

  bucket(logicalId: 'StagingBucket' | 'EvidenceBucket') {
    const { account, region, refs } = this.local;
    return account.service<S3>('s3', region).bucket(refs[logicalId] ?? '');
  }

  async instance(instanceId: string): Promise<Answer> {
    const { Reservations } = await this.call('ec2', 'DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0].Instances[0];
  }

  get ec2(): Ec2Service {
    return this.local.account.service<Ec2Service>('ec2', this.local.region);
  }

  /** The role of a function or a machine, by the logical id without its ending. */
  role(id: string) {
    const name = this.local.refs[`${id}LambdaRole`] ?? this.local.refs[`${id}IamRoleLambdaExecution`];
    const role = this.local.iam.role(name ?? this.local.refs[`${id}Role`] ?? '');
    if (!role) throw new Error(`${id} has no role`);
    return role;
  }

  /** Does something while a role lacks a statement. */
  async without<Result>(statement: Statement, of: string, work: () => Promise<Result>): Promise<Result> {
    const policy = this.role(of).policies.find(({ statements }) => statements.includes(statement));
    if (!policy) throw new Error(`${of} has no such statement`);
    const whole = policy.statements;
    policy.statements = whole.filter((one) => one !== statement);
    try {
      return await work();
    } finally {
      policy.statements = whole;
    }
  }
}
