import { basename, join } from 'node:path';
import { z } from 'zod';
import type { LambdaService } from '../../account/lambda/lambda.ts';
import type { SsmService } from '../../account/ssm/ssm.ts';
import type { StatesService } from '../../account/states/states.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

const functionSchema = z.strictObject({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.literal('nodejs24.x'),
  Architectures: z.unknown().optional(),
  FunctionName: z.string().max(64).optional(),
  Description: z.string().optional(),
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  Role: z.string(),
  Tags: z.unknown().optional(),
  LoggingConfig: z.unknown().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
});

export const lambdaFunction: Creator = (stack, id, properties) => {
  const found = read(functionSchema, properties, id);
  const name = found.FunctionName ?? generatedName(stack, id);
  const arn = stack.account.service<LambdaService>('lambda', stack.region).createFunction({
    name,
    role: requireTrust(stack, id, found.Role, 'lambda.amazonaws.com'),
    zip: join(stack.directory, basename(found.Code.S3Key)),
    handler: found.Handler,
    environment: found.Environment?.Variables ?? {},
    memoryMb: found.MemorySize,
    timeoutSeconds: found.Timeout,
  });
  return { ref: name, attributes: { Arn: arn } };
};

const machineSchema = z.strictObject({
  StateMachineName: z.string(),
  StateMachineType: z.literal('STANDARD').optional(),
  DefinitionString: z.string(),
  RoleArn: z.string(),
  Tags: z.unknown().optional(),
  LoggingConfiguration: z.unknown().optional(),
});

export const stateMachine: Creator = (stack, id, properties) => {
  const { StateMachineName: name, DefinitionString, RoleArn } = read(machineSchema, properties, id);
  const roleName = requireTrust(stack, id, RoleArn, 'states.amazonaws.com');
  const states = stack.account.service<StatesService>('states', stack.region);
  const arn = states.createStateMachine({ name, definition: JSON.parse(DefinitionString), roleName });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};

export const document: Creator = (stack, id, properties) => {
  const schema = z.object({
    Name: z.string(),
    DocumentType: z.literal('Command'),
    Content: z.unknown(),
    Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
  });
  const { Name, Content, Tags } = read(schema, properties, id);
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  stack.account.service<SsmService>('ssm', stack.region).createDocument(Name, Content, tags);
  return { ref: Name };
};

const parameterSchema = z.strictObject({
  Name: z.string(),
  Type: z.literal('String'),
  Tier: z.literal('Standard').optional(),
  Value: z.string(),
  Description: z.string().max(1024).optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});

export const parameter: Creator = (stack, id, properties) => {
  const { Name, Value } = read(parameterSchema, properties, id);
  stack.account.service<SsmService>('ssm', stack.region).putParameter(Name, Value);
  return { ref: Name, attributes: { Type: 'String', Value } };
};
