import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Physics } from '../../local/account/physics.ts';
import { entries, type LedgerEntry } from '../../shared/ledger.ts';
import { Simulated } from './simulated.ts';

/** A simulated account with a sandbox as the template makes it: a VPC of its own that leads to S3's staging bucket only. */
export async function startSandboxed(physics: Partial<Physics> = {}): Promise<Simulated> {
  const simulated = await Simulated.start(physics);
  const { network } = simulated.ec2;
  const CidrBlock = '10.255.255.0/24';
  const VpcId = network.createVpc({ CidrBlock, EnableDnsSupport: true, EnableDnsHostnames: true });
  const SubnetId = network.createSubnet({ VpcId, CidrBlock });
  const RouteTableId = network.createRouteTable({ VpcId });
  network.associateRouteTable({ RouteTableId, SubnetId });
  network.createGatewayEndpoint({
    VpcId,
    ServiceName: 'com.amazonaws.eu-west-1.s3',
    RouteTableIds: [RouteTableId],
    PolicyDocument: {
      Statement: [
        { Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::staging/*' },
      ],
    },
  });
  const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
  const endpoints = network.createSecurityGroup({
    VpcId,
    GroupDescription: 'endpoints',
    SecurityGroupIngress: [{ ...https, CidrIp: CidrBlock }],
    SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32' }],
  });
  const instances = network.createSecurityGroup({
    VpcId,
    GroupDescription: 'instances',
    SecurityGroupEgress: [{ ...https, DestinationSecurityGroupId: endpoints }],
  });
  simulated.config.sandbox = {
    vpcId: VpcId,
    subnetId: SubnetId,
    instanceSecurityGroup: instances,
    endpointSecurityGroup: endpoints,
    instanceProfile: 'sandbox',
    instanceRoleArn: simulated.config.sandbox.instanceRoleArn,
  };
  return simulated;
}

/** Does something with the ledgers, through the SDK's own client, as a task would. */
export async function withLedger<Result>(
  simulated: Simulated,
  work: (dynamodb: DynamoDBClient, table: string) => Promise<Result>,
): Promise<Result> {
  return await simulated.run(
    {
      definition: { aws: (settings) => new DynamoDBClient(settings) },
      run: (_, { aws, config }) => work(aws, config.runsTable),
    },
    {},
  );
}

/** A run's ledger. */
export function ledgerOf(simulated: Simulated, runId: string): Promise<LedgerEntry[]> {
  return withLedger(simulated, (dynamodb, table) => entries(dynamodb, table, runId));
}
