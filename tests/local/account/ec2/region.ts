import { Account } from '../../../../local/account/account.ts';
import { type Ec2Service, ec2Service } from '../../../../local/account/ec2/ec2.ts';
import type { Iam } from '../../../../local/account/iam/iam.ts';
import type { Physics } from '../../../../local/account/physics.ts';
import { type Access, AwsError, type Principal } from '../../../../local/account/service.ts';
import { Clock } from '../../../../local/clock.ts';
import { FakeHost } from '../fakeHost.ts';

/** Allows everything but the actions that a test forbids, and remembers what it was asked. */
export class FakeIam implements Iam {
  readonly asked: Access[] = [];
  readonly forbidden = new Set<string>();

  require(_principal: Principal, access: Access): void {
    this.asked.push(access);
    if (this.forbidden.has(access.action))
      throw new AwsError('UnauthorizedOperation', `not authorized: ${access.action}`, 403);
  }

  allows(_principal: Principal, access: Access): boolean {
    this.asked.push(access);
    return !this.forbidden.has(access.action);
  }
}

/** One Region with a network as the stack makes it, and a clock that stands until a test lets time pass. */
export class Region {
  readonly clock = new Clock({ start: Date.UTC(2026, 0, 1) });
  readonly host = new FakeHost();
  readonly iam = new FakeIam();
  readonly account: Account;
  readonly ec2: Ec2Service;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly routeTableId: string;
  readonly endpointGroup: string;
  readonly instanceGroup: string;
  readonly keyArn = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555';

  /** Without lags, unless `physics` says otherwise, so that a test sees what it made. */
  constructor(physics: Partial<Physics> = {}, seed = 1) {
    this.account = new Account({
      clock: this.clock,
      seed,
      directory: '/nowhere',
      iam: this.iam,
      host: this.host,
      physics: { idLag: [0, 0], listLag: [0, 0], ...physics },
      services: { ec2: ec2Service },
    });
    this.ec2 = this.account.service<Ec2Service>('ec2', 'eu-west-1');
    const { network } = this.ec2;
    this.vpcId = network.createVpc({
      CidrBlock: '10.255.255.0/24',
      EnableDnsSupport: true,
      EnableDnsHostnames: true,
    });
    this.subnetId = network.createSubnet({ VpcId: this.vpcId, CidrBlock: '10.255.255.0/24' });
    this.routeTableId = network.createRouteTable({ VpcId: this.vpcId });
    network.associateRouteTable({ SubnetId: this.subnetId, RouteTableId: this.routeTableId });
    network.createGatewayEndpoint({
      VpcId: this.vpcId,
      ServiceName: 'com.amazonaws.eu-west-1.s3',
      RouteTableIds: [this.routeTableId],
    });
    this.endpointGroup = network.createSecurityGroup({
      GroupDescription: 'endpoints',
      VpcId: this.vpcId,
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.255.255.0/24' }],
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
    });
    this.instanceGroup = network.createSecurityGroup({
      GroupDescription: 'instances',
      VpcId: this.vpcId,
      SecurityGroupEgress: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, DestinationSecurityGroupId: this.endpointGroup },
      ],
    });
    this.ec2.registerInstanceProfile('sandbox', 'sandbox-role');
  }

  // biome-ignore lint/suspicious/noExplicitAny: every operation answers in its own shape
  call(operation: string, input: object = {}, principal: Principal = this.account.operator): Promise<any> {
    return this.account.call({ principal, region: 'eu-west-1', service: 'ec2', operation, input });
  }

  /** The code that a call fails with, or `none`. */
  async codeOf(operation: string, input: object = {}): Promise<string> {
    try {
      await this.call(operation, input);
      return 'none';
    } catch (error) {
      return error instanceof AwsError ? error.code : String(error);
    }
  }

  /** Lets virtual seconds pass. */
  async pass(seconds: number): Promise<void> {
    await this.clock.sleep(seconds * 1000);
  }

  /** Seconds between two noted moments. */
  between(earlier: string, later: string): number {
    const [from, to] = [this.account.timeline.at(earlier), this.account.timeline.at(later)];
    return ((to ?? Number.NaN) - (from ?? Number.NaN)) / 1000;
  }

  /** The seconds that pass until something is noted. */
  async until(key: string): Promise<number> {
    const from = this.clock.now();
    while (this.account.timeline.at(key) === undefined) {
      if (this.clock.now() > from + 7_200_000) throw new Error(`${key} never came`);
      await this.pass(1);
    }
    return ((this.account.timeline.at(key) ?? 0) - from) / 1000;
  }

  get image(): string {
    return (
      this.ec2.publicImageId('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64') ?? ''
    );
  }

  /** A request for an instance with two encrypted data volumes, as the drill launches its source. */
  launchRequest(more: object = {}) {
    const Ebs = { VolumeSize: 1, Encrypted: true, KmsKeyId: this.keyArn };
    return {
      ImageId: this.image,
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 't4g.small',
      SubnetId: this.subnetId,
      SecurityGroupIds: [this.instanceGroup],
      IamInstanceProfile: { Name: 'sandbox' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, KmsKeyId: this.keyArn } },
        { DeviceName: '/dev/sdf', Ebs },
        { DeviceName: '/dev/sdg', Ebs },
      ],
      ...more,
    };
  }

  /** Launches it. */
  async launch(more: object = {}): Promise<string> {
    const { Instances } = await this.call('RunInstances', this.launchRequest(more));
    return Instances[0].InstanceId;
  }

  /** Launches it and waits until it runs. */
  async running(more: object = {}): Promise<string> {
    const id = await this.launch(more);
    await this.until(`${id}:running`);
    return id;
  }

  async describe(instanceId: string) {
    const { Reservations } = await this.call('DescribeInstances', { InstanceIds: [instanceId] });
    return Reservations[0].Instances[0];
  }

  /** Makes the interface endpoints of the agent. */
  async createEndpoints(): Promise<string[]> {
    const ids: string[] = [];
    for (const service of ['ssm', 'ssmmessages']) {
      const { VpcEndpoint } = await this.call('CreateVpcEndpoint', this.endpointRequest(service));
      ids.push(VpcEndpoint.VpcEndpointId);
    }
    return ids;
  }

  endpointRequest(service: string, more: object = {}) {
    return {
      VpcId: this.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.eu-west-1.${service}`,
      SubnetIds: [this.subnetId],
      SecurityGroupIds: [this.endpointGroup],
      PrivateDnsEnabled: true,
      ...more,
    };
  }
}
