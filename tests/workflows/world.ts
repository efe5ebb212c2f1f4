import '../realm.ts';
import { readFileSync } from 'node:fs';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { nestedArn } from '../../cli/history.ts';
import type { S3 } from '../../local/account/s3/s3.ts';
import type { Sns } from '../../local/account/sns/sns.ts';
import type { StatesService } from '../../local/account/states/states.ts';
import { type LocalAccount, type LocalOptions, startLocal } from '../../local/local.ts';

/** How an execution ended. */
export interface Outcome {
  arn: string;
  status: string;
  // biome-ignore lint/suspicious/noExplicitAny: every machine has its own output
  output: any;
  error: string | undefined;
  cause: string | undefined;
}

/** The packaged template in a local account, for the tests of one file. */
export class World {
  readonly local: LocalAccount;
  #runs = 0;

  private constructor(local: LocalAccount) {
    this.local = local;
  }

  static async start(options: LocalOptions = {}): Promise<World> {
    return new World(await startLocal(options));
  }

  /** What the operator is answered. */
  // biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
  call(service: string, operation: string, input: object = {}): Promise<any> {
    const { account, region } = this.local;
    return account.call({ principal: account.operator, region, service, operation, input });
  }

  /** Starts a machine, `dr-drill`, as the operator. */
  async begin(machine: string, input: unknown): Promise<string> {
    const { account, region, stage } = this.local;
    const stateMachineArn = `arn:aws:states:${region}:${account.id}:stateMachine:backup-drill-${stage}-${machine}`;
    const name = `run-${++this.#runs}`;
    const started = { stateMachineArn, name, input: JSON.stringify(input) };
    return (await this.call('states', 'StartExecution', started)).executionArn;
  }

  async end(arn: string): Promise<Outcome> {
    const { account, region } = this.local;
    await account.service<StatesService>('states', region).ended(arn);
    const { status, output, error, cause } = await this.call('states', 'DescribeExecution', {
      executionArn: arn,
    });
    return { arn, status, output: output === undefined ? undefined : JSON.parse(output), error, cause };
  }

  /** Runs a machine to its end. */
  async run(machine: string, input: unknown): Promise<Outcome> {
    return await this.end(await this.begin(machine, input));
  }

  /** The history of an execution and of all that it started, the oldest events first. */
  async histories(arn: string): Promise<HistoryEvent[][]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.call('states', 'GetExecutionHistory', {
        executionArn: arn,
        ...(nextToken && { nextToken }),
      });
      events.push(...page.events);
      nextToken = page.nextToken;
    } while (nextToken);
    const found = [events];
    for (const nested of events.flatMap((event) => nestedArn(event) ?? []))
      found.push(...(await this.histories(nested)));
    return found;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests name what they look at
  async instance(instanceId: string): Promise<any> {
    const { Reservations } = await this.call('ec2', 'DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0].Instances[0];
  }

  /** What a shell script prints on an instance; it finds the instance's files below `$SSM_Root`. */
  async shell(instanceId: string, script: string): Promise<string> {
    const outcome = await this.local.host.run(instanceId, script, {}, { canReachS3: false });
    return outcome.exitCode === 0 ? outcome.stdout : `${outcome.exitCode}: ${outcome.stderr}`;
  }

  /** Lets virtual seconds pass. */
  async pass(seconds: number): Promise<void> {
    await this.local.account.clock.sleep(seconds * 1000);
  }

  /** Everything that exists in EC2 and costs something, `<id> <state>`, once the lists show all of it. */
  async existing(): Promise<string[]> {
    await this.pass(120);
    const { Reservations } = await this.call('ec2', 'DescribeInstances');
    const instances = Reservations.flatMap(
      (one: { Instances: { InstanceId: string; State: { Name: string } }[] }) => one.Instances,
    );
    const { Images } = await this.call('ec2', 'DescribeImages', { Owners: ['self'] });
    const { Snapshots } = await this.call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'] });
    const { Volumes } = await this.call('ec2', 'DescribeVolumes');
    const { VpcEndpoints } = await this.call('ec2', 'DescribeVpcEndpoints');
    // biome-ignore lint/suspicious/noExplicitAny: each kind has its own shape
    const shown = (items: any[], id: string, state: string) => items.map((one) => `${one[id]} ${one[state]}`);
    return [
      ...instances
        .filter((one: { State: { Name: string } }) => one.State.Name !== 'terminated')
        .map((one: { InstanceId: string; State: { Name: string } }) => `${one.InstanceId} ${one.State.Name}`),
      ...shown(Images, 'ImageId', 'State'),
      ...shown(Snapshots, 'SnapshotId', 'State'),
      ...shown(Volumes, 'VolumeId', 'State'),
      ...shown(
        VpcEndpoints.filter((one: { VpcEndpointType: string }) => one.VpcEndpointType === 'Interface'),
        'VpcEndpointId',
        'State',
      ),
    ];
  }

  /** Keys of what lies in a bucket, named by its logical id. */
  async objects(bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.call('s3', 'ListObjectsV2', { Bucket: this.local.refs[bucket] });
    return Contents.map((one: { Key: string }) => one.Key);
  }

  s3(): S3 {
    return this.local.account.service<S3>('s3', this.local.region);
  }

  /** Evidence as it lies in its bucket. */
  // biome-ignore lint/suspicious/noExplicitAny: a document
  async evidence({ bucket, key }: { bucket: string; key: string }): Promise<any> {
    return JSON.parse(readFileSync(this.s3().bucket(bucket).current(key).file, 'utf8'));
  }

  /** The message of its own that a run published last. */
  lastMessage(): Sns['published'][number] | undefined {
    return this.published().findLast(({ subject }) => subject !== undefined);
  }

  /** Every message published so far. */
  published(): Sns['published'] {
    return this.local.account.service<Sns>('sns', this.local.region).published;
  }

  /** Every item of a table, named by its logical id. */
  async items(table: string): Promise<Record<string, unknown>[]> {
    const { Items = [] } = await this.call('dynamodb', 'Scan', { TableName: this.local.refs[table] });
    return Items.map((item: Parameters<typeof unmarshall>[0]) => unmarshall(item));
  }

  /** The locks that are held. */
  async locks(): Promise<unknown[]> {
    return (await this.items('RunsTable')).filter(({ entry }) => entry === 'lock').map(({ id }) => id);
  }

  close(): Promise<void> {
    return this.local.close();
  }
}
