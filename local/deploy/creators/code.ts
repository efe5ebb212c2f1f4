import { basename, join } from 'node:path';
import * as v from 'valibot';
import type { LambdaService } from '../../account/lambda/lambda.ts';
import type { SsmService } from '../../account/ssm/ssm.ts';
import type { StatesService } from '../../account/states/states.ts';
import { type Creator, generatedName, read } from '../stack.ts';
import { requireTrust } from './identity.ts';

const functionSchema = v.strictObject({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Runtime: v.literal('nodejs24.x'),
  Architectures: v.optional(v.unknown()),
  FunctionName: v.optional(v.pipe(v.string(), v.maxLength(64))),
  Description: v.optional(v.string()),
  MemorySize: v.optional(v.number(), 128),
  Timeout: v.optional(v.number(), 3),
  Role: v.string(),
  Tags: v.optional(v.unknown()),
  LoggingConfig: v.optional(v.unknown()),
  Environment: v.optional(
    v.object({ Variables: v.record(v.string(), v.pipe(v.unknown(), v.transform(String))) }),
  ),
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

const machineSchema = v.strictObject({
  StateMachineName: v.string(),
  StateMachineType: v.optional(v.literal('STANDARD')),
  DefinitionString: v.string(),
  RoleArn: v.string(),
  Tags: v.optional(v.unknown()),
  LoggingConfiguration: v.optional(v.unknown()),
});

export const stateMachine: Creator = (stack, id, properties) => {
  const { StateMachineName: name, DefinitionString, RoleArn } = read(machineSchema, properties, id);
  const roleName = requireTrust(stack, id, RoleArn, 'states.amazonaws.com');
  const states = stack.account.service<StatesService>('states', stack.region);
  const arn = states.createStateMachine({ name, definition: JSON.parse(DefinitionString), roleName });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
};

export const document: Creator = (stack, id, properties) => {
  const schema = v.object({
    Name: v.string(),
    DocumentType: v.literal('Command'),
    Content: v.unknown(),
    Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []),
  });
  const { Name, Content, Tags } = read(schema, properties, id);
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  stack.account.service<SsmService>('ssm', stack.region).createDocument(Name, Content, tags);
  return { ref: Name };
};

const parameterSchema = v.strictObject({
  Name: v.string(),
  Type: v.literal('String'),
  Tier: v.optional(v.literal('Standard')),
  Value: v.string(),
  Description: v.optional(v.pipe(v.string(), v.maxLength(1024))),
  Tags: v.optional(v.record(v.string(), v.string())),
});

export const parameter: Creator = (stack, id, properties) => {
  const { Name, Value } = read(parameterSchema, properties, id);
  stack.account.service<SsmService>('ssm', stack.region).putParameter(Name, Value);
  return { ref: Name, attributes: { Type: 'String', Value } };
};
