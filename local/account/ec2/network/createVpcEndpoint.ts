import type { CreateVpcEndpointRequest } from '@aws-sdk/client-ec2';
import { type Access, AwsError, type Operation } from '../../service.ts';
import { coming, existing, taggingAtCreation, tagsFor } from '../access.ts';
import { otherRequest } from '../errors.ts';
import { letAgentsRetry } from '../instances/lifecycle.ts';
import type { Inventory } from '../inventory.ts';
import { checkSpecifications } from '../tags/tags.ts';
import { checkedPolicy } from './endpointPolicy.ts';
import { type EndpointItem, takeAddress } from './network.ts';

const SERVICES = ['ssm', 'ssmmessages'];

/** CreateVpcEndpoint: of the type Interface; the same client token gives the same endpoint again. */
export function createVpcEndpoint(ec2: Inventory): Operation<CreateVpcEndpointRequest> {
  return {
    access: (input) => accessOf(ec2, input),
    run: (input) => {
      const { ClientToken } = input;
      const request = JSON.stringify(input);
      const earlier = ec2.clientTokens.get(ClientToken ?? '');
      if (earlier && earlier.request !== request) throw otherRequest();
      const endpoint = ec2.endpoints.peek(earlier?.ids[0]) ?? create(ec2, input);
      if (ClientToken) ec2.clientTokens.set(ClientToken, { request, ids: [endpoint.id] });
      return { VpcEndpoint: structuredClone(endpoint.data), ClientToken };
    },
  };
}

function create(ec2: Inventory, input: CreateVpcEndpointRequest): EndpointItem {
  const service = SERVICES.find((name) => input.ServiceName === `com.amazonaws.${ec2.region}.${name}`);
  if (service === undefined)
    throw new AwsError(
      'InvalidServiceName',
      `The Vpc Endpoint Service '${input.ServiceName}' does not exist`,
    );
  if (input.VpcEndpointType !== 'Interface')
    throw new AwsError(
      'InvalidParameter',
      `Endpoint type (${input.VpcEndpointType ?? 'Gateway'}) does not match available service types ([Interface]).`,
    );
  checkSpecifications(input.TagSpecifications, ['vpc-endpoint']);
  if (input.PrivateDnsEnabled) checkPrivateDns(ec2, input, service);
  const endpoint = add(ec2, input, service);
  ec2.at(ec2.moment(ec2.account.physics.endpointAvailable), () => {
    if (endpoint.data.State !== 'pending') return;
    endpoint.data.State = 'available';
    ec2.note(endpoint.id, 'available');
    letAgentsRetry(ec2);
  });
  return endpoint;
}

function add(ec2: Inventory, input: CreateVpcEndpointRequest, service: string): EndpointItem {
  const { VpcId, ServiceName, SubnetIds = [], PrivateDnsEnabled = false } = input;
  const id = ec2.newId('vpce');
  const groups = ec2.groups.find(input.SecurityGroupIds ?? []);
  return ec2.endpoints.add({
    id,
    ...ec2.visibility(),
    addresses: ec2.subnets.find(SubnetIds).map((subnet) => takeAddress(subnet, id)),
    data: {
      VpcEndpointId: id,
      VpcEndpointType: 'Interface',
      VpcId,
      ServiceName,
      State: 'pending',
      PolicyDocument: checkedPolicy(input.PolicyDocument),
      SubnetIds,
      Groups: groups.map((group) => ({ GroupId: group.id, GroupName: group.data.GroupName })),
      PrivateDnsEnabled,
      NetworkInterfaceIds: SubnetIds.map(() => ec2.newId('eni')),
      DnsEntries: [{ DnsName: `${id}.${service}.${ec2.region}.vpce.amazonaws.com` }],
      CreationTimestamp: new Date(ec2.now),
      OwnerId: ec2.account.id,
      Tags: tagsFor('vpc-endpoint', input.TagSpecifications),
    },
  });
}

/** A VPC has one endpoint for a name: another one has to be gone first, not only on its way. */
function checkPrivateDns(
  ec2: Inventory,
  { VpcId, ServiceName }: CreateVpcEndpointRequest,
  service: string,
): void {
  const refused = (why: string) => new AwsError('InvalidParameter', why);
  if (!ec2.vpcs.get(VpcId).dns)
    throw refused(
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${VpcId}`,
    );
  const isRival = ({ data }: EndpointItem) =>
    data.VpcId === VpcId && data.ServiceName === ServiceName && data.PrivateDnsEnabled;
  if (ec2.endpoints.all().some(isRival))
    throw refused(
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service}.${ec2.region}.amazonaws.com in the VPC ${VpcId}`,
    );
}

function accessOf(ec2: Inventory, input: CreateVpcEndpointRequest): Access[] {
  const { TagSpecifications: tags, ServiceName = '', SubnetIds = [], SecurityGroupIds = [] } = input;
  const action = 'CreateVpcEndpoint';
  return [
    ...existing(ec2, action, ec2.vpcs, [ec2.vpcs.get(input.VpcId)]),
    coming(ec2, action, 'vpc-endpoint', tags, {
      'ec2:VpceServiceName': ServiceName,
      'ec2:VpceServiceOwner': 'amazon',
    }),
    ...existing(ec2, action, ec2.subnets, ec2.subnets.find(SubnetIds)),
    ...existing(ec2, action, ec2.groups, ec2.groups.find(SecurityGroupIds)),
    ...taggingAtCreation(ec2, action, tags),
    ...(input.PrivateDnsEnabled ? [privateDnsAccess(ec2)] : []),
  ];
}

/** Private names come from a hosted zone of the service, which is associated on behalf of the caller. */
function privateDnsAccess({ account }: Inventory): Access {
  const resource = `arn:${account.partition}:route53:::hostedzone/*`;
  return { action: 'route53:AssociateVPCWithHostedZone', resource };
}
