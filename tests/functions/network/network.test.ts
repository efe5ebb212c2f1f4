import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkEndpoints } from '../../../functions/network/checkEndpoints.ts';
import { checkIsolation } from '../../../functions/network/checkIsolation.ts';
import { openEndpoints } from '../../../functions/network/openEndpoints.ts';
import { ledgerOf, startSandboxed } from '../sandboxed.ts';
import type { Simulated } from '../simulated.ts';

const SERVICES = ['ssm', 'ssmmessages'];
let simulated: Simulated;
beforeEach(async () => {
  simulated = await startSandboxed();
});
afterEach(() => simulated.close());

const open = (more: object = {}) =>
  simulated.run(openEndpoints, { runId: 'run-1', endpoints: 'create', ...more });
const endpoints = async () => {
  const { VpcEndpoints } = await simulated.call('ec2', 'DescribeVpcEndpoints');
  // biome-ignore lint/suspicious/noExplicitAny: answers come untyped
  return VpcEndpoints.filter((one: any) => one.VpcEndpointType === 'Interface');
};
const egress = async () => {
  const GroupIds = [simulated.config.sandbox.instanceSecurityGroup];
  const { SecurityGroups } = await simulated.call('ec2', 'DescribeSecurityGroups', { GroupIds });
  return SecurityGroups[0].IpPermissionsEgress;
};
/** An endpoint as a user would make it, or as another run left it. */
const endpoint = async (service: string, Tags: object[] = []) => {
  const { vpcId, subnetId, endpointSecurityGroup } = simulated.config.sandbox;
  const { VpcEndpoint } = await simulated.call('ec2', 'CreateVpcEndpoint', {
    VpcEndpointType: 'Interface',
    VpcId: vpcId,
    SubnetIds: [subnetId],
    SecurityGroupIds: [endpointSecurityGroup],
    ServiceName: `com.amazonaws.eu-west-1.${service}`,
    PrivateDnsEnabled: true,
    TagSpecifications: Tags.length > 0 ? [{ ResourceType: 'vpc-endpoint', Tags }] : [],
  });
  return VpcEndpoint.VpcEndpointId;
};
const ofRun = (run: string) => [
  { Key: 'backup-drill:deployment', Value: 'backup-drill-test' },
  { Key: 'backup-drill:run', Value: run },
];

describe('openEndpoints', () => {
  test('makes those that the agent needs, with private names, tagged and in the ledger', async () => {
    const opened = await open();
    expect(opened.created).toBe(SERVICES.length);
    const made = await endpoints();
    // biome-ignore lint/suspicious/noExplicitAny: answers come untyped
    expect(made.map((one: any) => one.ServiceName.split('.').at(-1)).sort()).toEqual([...SERVICES].sort());
    for (const one of made) {
      expect(one).toMatchObject({ PrivateDnsEnabled: true, VpcId: simulated.config.sandbox.vpcId });
      expect(one.Tags).toEqual(expect.arrayContaining(ofRun('run-1')));
    }
    const ledger = await ledgerOf(simulated, 'run-1');
    expect(ledger.map((line) => [line.kind, line.keep])).toEqual(SERVICES.map(() => ['endpoint', false]));
    expect(ledger.map((line) => line.resourceId).sort()).toEqual([...opened.endpointIds].sort());
  });

  test('lets nobody pass them but the instances of the sandbox', async () => {
    await open();
    for (const { PolicyDocument } of await endpoints())
      expect(JSON.parse(PolicyDocument).Statement).toEqual([
        {
          Sid: 'OnlyInstancesOfTheSandbox',
          Effect: 'Allow',
          Principal: '*',
          Action: '*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/sandbox-role' } },
        },
      ]);
  });

  test('repeated, finds the same ones and changes nothing', async () => {
    const opened = await open();
    expect(await open()).toMatchObject({ endpointIds: opened.endpointIds, created: 2 });
    expect(await endpoints()).toHaveLength(2);
    expect(await egress()).toHaveLength(2);
  });

  test('repeated before lists show them, still makes no second ones', async () => {
    await simulated.close();
    simulated = await startSandboxed({ listLag: [60, 60] });
    const opened = await open();
    expect((await open()).endpointIds).toEqual(opened.endpointIds);
  });

  test('lets the instances out to S3, by its prefix list and to nothing else', async () => {
    await open();
    expect((await egress()).at(-1)).toMatchObject({
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      PrefixListIds: [{ PrefixListId: expect.stringMatching(/^pl-/) }],
    });
  });

  test("uses the user's own and never takes them into its ledger", async () => {
    const own = await endpoint('ssm');
    const opened = await open();
    expect(opened.created).toBe(1);
    expect(opened.endpointIds[0]).toBe(own);
    expect((await ledgerOf(simulated, 'run-1')).map((line) => line.resourceId)).not.toContain(own);
  });

  test('takes over what an aborted run left, so that it goes at last', async () => {
    const left = await endpoint('ssmmessages', ofRun('run-0'));
    await open();
    expect((await ledgerOf(simulated, 'run-1')).map((line) => line.resourceId)).toContain(left);
  });

  test('makes none when only existing ones are to be used, and names the one that is missing', async () => {
    await endpoint('ssm');
    await expect(open({ endpoints: 'existing' })).rejects.toMatchObject({
      name: 'ResourceNotFound',
      message: expect.stringContaining('com.amazonaws.eu-west-1.ssmmessages'),
    });
    expect(await endpoints()).toHaveLength(1);
  });

  test('an endpoint on its way out still holds its name: it asks for another try', async () => {
    const id = await endpoint('ssm', ofRun('run-0'));
    await simulated.call('ec2', 'DeleteVpcEndpoints', { VpcEndpointIds: [id] });
    await expect(open()).rejects.toMatchObject({ name: 'StillClosing' });
    await simulated.pass(90);
    expect((await open()).created).toBe(2);
  });
});

describe('checkEndpoints', () => {
  test('is ready once all of them are available, and says what it waits for', async () => {
    const { endpointIds } = await open();
    const request = { endpointIds, since: simulated.now, limitSeconds: 600 };
    expect(await simulated.run(checkEndpoints, request)).toMatchObject({ ready: false });
    const looked = await simulated.until(checkEndpoints, { endpointIds });
    expect(looked.waitedFor).toEqual(endpointIds.map((id) => `${id}:available`));
    expect((await endpoints()).every((one: { State: string }) => one.State === 'available')).toBe(true);
  });

  test('gives up on one that is going', async () => {
    const { endpointIds } = await open();
    await simulated.call('ec2', 'DeleteVpcEndpoints', { VpcEndpointIds: endpointIds.slice(1, 2) });
    const request = { endpointIds, since: simulated.now, limitSeconds: 600 };
    await expect(simulated.run(checkEndpoints, request)).rejects.toMatchObject({
      name: 'ResourceFailed',
      message: expect.stringContaining(`${endpointIds[1]} is deleting`),
    });
  });

  test('gives up after the limit', async () => {
    const { endpointIds } = await open();
    const since = simulated.now;
    await simulated.pass(30);
    const request = { endpointIds, since, limitSeconds: 20 };
    await expect(simulated.run(checkEndpoints, request)).rejects.toMatchObject({ name: 'ResourceFailed' });
  });
});

describe('checkIsolation', () => {
  test('lets a sandbox pass, also with its endpoints open', async () => {
    const before = await simulated.run(checkIsolation, {});
    await open();
    const after = await simulated.run(checkIsolation, {});
    expect(after).toMatchObject({ subnetId: simulated.config.sandbox.subnetId, instanceProfile: 'sandbox' });
    expect(after.looked).toBeGreaterThan(before.looked);
  });

  test("refuses one with an endpoint of the user's that lets anybody pass", async () => {
    const own = await endpoint('ssm');
    await open();
    await expect(simulated.run(checkIsolation, {})).rejects.toMatchObject({
      name: 'NetworkNotIsolated',
      message: `the sandbox is not isolated: ${own} lets others pass to com.amazonaws.eu-west-1.ssm than arn:aws:iam::123456789012:role/sandbox-role`,
    });
  });

  test('refuses one that got a way out, and says which', async () => {
    const { routeTableId } = await tableOf();
    simulated.ec2.network.createRoute({
      RouteTableId: routeTableId,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: 'igw-1',
    });
    await expect(simulated.run(checkIsolation, {})).rejects.toMatchObject({
      name: 'NetworkNotIsolated',
      message: `the sandbox is not isolated: ${routeTableId} has a route to 0.0.0.0/0 by igw-1`,
    });
  });

  test('refuses one whose group lets out more', async () => {
    await simulated.call('ec2', 'AuthorizeSecurityGroupEgress', {
      GroupId: simulated.config.sandbox.instanceSecurityGroup,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    });
    await expect(simulated.run(checkIsolation, {})).rejects.toThrow(/lets out everything \(10\.0\.0\.0\/8\)/);
  });
});

async function tableOf(): Promise<{ routeTableId: string }> {
  const Filters = [{ Name: 'association.subnet-id', Values: [simulated.config.sandbox.subnetId] }];
  const { RouteTables } = await simulated.call('ec2', 'DescribeRouteTables', { Filters });
  return { routeTableId: RouteTables[0].RouteTableId };
}
