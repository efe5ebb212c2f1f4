import type { StartExecutionOutput } from '@aws-sdk/client-sfn';
import type { Ec2Service } from './account/ec2/ec2.ts';
import type { LocalAccount } from './local.ts';

const AMAZON_LINUX = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
/** Where the example's data volumes are mounted, and what a backup of it is to be validated by. */
export const EXAMPLE_PATHS = ['/srv', '/data'];

/** An instance like one that a user has: a network of its own with a way out, data on two volumes, one backup. */
export interface Example {
  instanceId: string;
  imageId: string;
}

/** Makes the example with the operator's own hands, but for data and backup, which the deployed machines make. */
export async function makeExample(local: LocalAccount): Promise<Example> {
  const instanceId = await launch(local);
  const { clock } = local.account;
  const ec2 = local.account.service<Ec2Service>('ec2', local.region);
  while (!ec2.agentOnline(instanceId)) await clock.sleep(5_000);
  const volumes = await dataVolumes(local, instanceId);
  await execute(local, 'RunCommandStateMachine', {
    runId: 'example',
    step: 'seed',
    instanceId,
    document: 'seed-data',
    parameters: {
      Volumes: volumes.map((id, index) => `${id}=${EXAMPLE_PATHS[index]}`).join(' '),
      Paths: EXAMPLE_PATHS.join(' '),
    },
    timeoutSeconds: 300,
  });
  const backup = await execute(local, 'AmiBackupStateMachine', {
    runId: 'example-backup',
    instanceId,
    validate: { paths: EXAMPLE_PATHS },
  });
  return { instanceId, imageId: backup.recoveryPoint.imageId };
}

async function launch(local: LocalAccount): Promise<string> {
  const { account, region } = local;
  const ec2 = account.service<Ec2Service>('ec2', region);
  const vpc = ec2.network.createVpc({ CidrBlock: '10.0.0.0/16' });
  const subnet = ec2.network.createSubnet({ VpcId: vpc, CidrBlock: '10.0.1.0/24' });
  const routes = ec2.network.createRouteTable({ VpcId: vpc });
  ec2.network.createRoute({
    RouteTableId: routes,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: 'igw-0123456789abcdef0',
  });
  ec2.network.associateRouteTable({ RouteTableId: routes, SubnetId: subnet });
  const group = ec2.network.createSecurityGroup({ VpcId: vpc, GroupDescription: 'example' });
  const image = await call(local, 'ssm', 'GetParameter', { Name: AMAZON_LINUX });
  const started = await call(local, 'ec2', 'RunInstances', {
    ImageId: image.Parameter.Value,
    InstanceType: 't4g.small',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnet,
    SecurityGroupIds: [group],
    IamInstanceProfile: { Name: local.refs.SandboxInstanceProfile },
    MetadataOptions: { HttpTokens: 'required' },
    BlockDeviceMappings: ['/dev/sdf', '/dev/sdg'].map((DeviceName) => ({
      DeviceName,
      Ebs: { VolumeSize: 8, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
    })),
    TagSpecifications: [
      {
        ResourceType: 'instance',
        Tags: [
          { Key: 'Name', Value: 'example' },
          { Key: 'backup-policy', Value: 'nightly' },
        ],
      },
    ],
  });
  return started.Instances[0].InstanceId;
}

/** The volumes beside the root, in the order of their devices. */
async function dataVolumes(local: LocalAccount, instanceId: string): Promise<string[]> {
  const found = await call(local, 'ec2', 'DescribeInstances', { InstanceIds: [instanceId] });
  const instance = found.Reservations[0].Instances[0];
  // biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
  return instance.BlockDeviceMappings.filter((each: any) => each.DeviceName !== instance.RootDeviceName)
    .map((each: { Ebs: { VolumeId: string } }) => each.Ebs.VolumeId)
    .sort();
}

/** Runs one of the deployed machines to its end. @throws Error with its error and cause when it fails. */
async function execute(
  local: LocalAccount,
  machine: string,
  input: Record<string, unknown> & { runId: string },
) {
  const { account } = local;
  const { executionArn }: StartExecutionOutput = await call(local, 'states', 'StartExecution', {
    stateMachineArn: local.refs[machine],
    name: input.runId,
    input: JSON.stringify(input),
  });
  for (;;) {
    const seen = await call(local, 'states', 'DescribeExecution', { executionArn });
    if (seen.status === 'SUCCEEDED') return JSON.parse(seen.output);
    if (seen.status !== 'RUNNING') throw new Error(`the example's ${machine}: ${seen.error}: ${seen.cause}`);
    await account.clock.sleep(5_000);
  }
}

async function call(
  { account, region }: LocalAccount,
  service: string,
  operation: string,
  input: object,
  // biome-ignore lint/suspicious/noExplicitAny: every operation has its own shape
): Promise<any> {
  return await account.call({ principal: account.operator, region, service, operation, input });
}
