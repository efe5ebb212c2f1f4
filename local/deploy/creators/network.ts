import * as v from 'valibot';
import type { Ec2Service } from '../../account/ec2/ec2.ts';
import { type Creator, read, type Stack } from '../stack.ts';

const tags = v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []);
const rules = v.optional(
  v.array(
    v.strictObject({
      Description: v.optional(v.string(), ''),
      IpProtocol: v.string(),
      FromPort: v.exactOptional(v.number()),
      ToPort: v.exactOptional(v.number()),
      CidrIp: v.exactOptional(v.string()),
      SourceSecurityGroupId: v.exactOptional(v.string()),
      DestinationSecurityGroupId: v.exactOptional(v.string()),
    }),
  ),
  [],
);

function network({ account, region }: Stack) {
  return account.service<Ec2Service>('ec2', region).network;
}

export const vpc: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    CidrBlock: v.string(),
    EnableDnsSupport: v.exactOptional(v.boolean()),
    EnableDnsHostnames: v.exactOptional(v.boolean()),
    Tags: tags,
  });
  const ref = network(stack).createVpc(read(schema, properties, id));
  return { ref, attributes: { VpcId: ref } };
};

export const subnet: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    VpcId: v.string(),
    CidrBlock: v.string(),
    AvailabilityZone: v.optional(v.string()),
    MapPublicIpOnLaunch: v.optional(v.literal(false)),
    Tags: tags,
  });
  const { VpcId, CidrBlock, Tags } = read(schema, properties, id);
  const ref = network(stack).createSubnet({ VpcId, CidrBlock, Tags });
  return { ref, attributes: { SubnetId: ref } };
};

export const routeTable: Creator = (stack, id, properties) => {
  const ref = network(stack).createRouteTable(
    read(v.strictObject({ VpcId: v.string(), Tags: tags }), properties, id),
  );
  return { ref, attributes: { RouteTableId: ref } };
};

export const routeTableAssociation: Creator = (stack, id, properties) => {
  const schema = v.strictObject({ RouteTableId: v.string(), SubnetId: v.string() });
  return { ref: network(stack).associateRouteTable(read(schema, properties, id)) };
};

export const gatewayEndpoint: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    VpcId: v.string(),
    VpcEndpointType: v.literal('Gateway'),
    ServiceName: v.string(),
    RouteTableIds: v.array(v.string()),
    PolicyDocument: v.unknown(),
  });
  return { ref: network(stack).createGatewayEndpoint(read(schema, properties, id)) };
};

export const securityGroup: Creator = (stack, id, properties) => {
  const schema = v.strictObject({
    VpcId: v.string(),
    GroupDescription: v.string(),
    GroupName: v.exactOptional(v.string()),
    SecurityGroupIngress: rules,
    SecurityGroupEgress: rules,
    Tags: tags,
  });
  const ref = network(stack).createSecurityGroup(read(schema, properties, id));
  return { ref, attributes: { GroupId: ref } };
};
