import { z } from 'zod';
import type { Ec2Service } from '../../account/ec2/ec2.ts';
import { type Creator, read, type Stack } from '../stack.ts';

const tags = z.array(z.object({ Key: z.string(), Value: z.string() })).default([]);
const rules = z
  .array(
    z.strictObject({
      Description: z.string().default(''),
      IpProtocol: z.string(),
      FromPort: z.number().exactOptional(),
      ToPort: z.number().exactOptional(),
      CidrIp: z.string().exactOptional(),
      SourceSecurityGroupId: z.string().exactOptional(),
      DestinationSecurityGroupId: z.string().exactOptional(),
    }),
  )
  .default([]);

function network({ account, region }: Stack) {
  return account.service<Ec2Service>('ec2', region).network;
}

export const vpc: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    CidrBlock: z.string(),
    EnableDnsSupport: z.boolean().exactOptional(),
    EnableDnsHostnames: z.boolean().exactOptional(),
    Tags: tags,
  });
  const ref = network(stack).createVpc(read(schema, properties, id));
  return { ref, attributes: { VpcId: ref } };
};

export const subnet: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    VpcId: z.string(),
    CidrBlock: z.string(),
    AvailabilityZone: z.string().optional(),
    MapPublicIpOnLaunch: z.literal(false).optional(),
    Tags: tags,
  });
  const { VpcId, CidrBlock, Tags } = read(schema, properties, id);
  const ref = network(stack).createSubnet({ VpcId, CidrBlock, Tags });
  return { ref, attributes: { SubnetId: ref } };
};

export const routeTable: Creator = (stack, id, properties) => {
  const ref = network(stack).createRouteTable(
    read(z.strictObject({ VpcId: z.string(), Tags: tags }), properties, id),
  );
  return { ref, attributes: { RouteTableId: ref } };
};

export const routeTableAssociation: Creator = (stack, id, properties) => {
  const schema = z.strictObject({ RouteTableId: z.string(), SubnetId: z.string() });
  return { ref: network(stack).associateRouteTable(read(schema, properties, id)) };
};

export const gatewayEndpoint: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    VpcId: z.string(),
    VpcEndpointType: z.literal('Gateway'),
    ServiceName: z.string(),
    RouteTableIds: z.array(z.string()),
    PolicyDocument: z.unknown(),
  });
  return { ref: network(stack).createGatewayEndpoint(read(schema, properties, id)) };
};

export const securityGroup: Creator = (stack, id, properties) => {
  const schema = z.strictObject({
    VpcId: z.string(),
    GroupDescription: z.string(),
    GroupName: z.string().exactOptional(),
    SecurityGroupIngress: rules,
    SecurityGroupEgress: rules,
    Tags: tags,
  });
  const ref = network(stack).createSecurityGroup(read(schema, properties, id));
  return { ref, attributes: { GroupId: ref } };
};
