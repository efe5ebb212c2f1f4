import * as v from 'valibot';
import type { Ec2Service } from '../../account/ec2/ec2.ts';
import { readPolicy } from '../../account/iam/policy.ts';
import { type Creator, generatedName, read, type Stack } from '../stack.ts';
import { DeploymentRefused } from '../template.ts';

const roleSchema = v.strictObject({
  RoleName: v.optional(v.pipe(v.string(), v.maxLength(64))),
  Path: v.optional(v.literal('/')),
  Description: v.optional(v.string()),
  Tags: v.optional(v.unknown()),
  MaxSessionDuration: v.optional(v.number()),
  AssumeRolePolicyDocument: v.object({
    Statement: v.array(
      v.object({ Principal: v.object({ Service: v.union([v.string(), v.array(v.string())]) }) }),
    ),
  }),
  // What AWS's own policies say is not known here; the stack writes its own.
  ManagedPolicyArns: v.optional(v.array(v.never())),
  Policies: v.optional(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), []),
});

export const role: Creator = (stack, id, properties) => {
  const { RoleName, AssumeRolePolicyDocument, Policies } = read(roleSchema, properties, id);
  const name = RoleName ?? generatedName(stack, id).slice(-64);
  const arn = `arn:${stack.account.partition}:iam::${stack.account.id}:role/${name}`;
  const policies = Policies.map((policy) => readPolicy(policy.PolicyDocument, `${id}, ${policy.PolicyName}`));
  const trusted = AssumeRolePolicyDocument.Statement.flatMap(({ Principal }) => Principal.Service);
  stack.iam.createRole({ name, arn, policies, trusted });
  return { ref: name, attributes: { Arn: arn } };
};

export const instanceProfile: Creator = (stack, id, properties) => {
  const schema = v.object({ InstanceProfileName: v.optional(v.string()), Roles: v.tuple([v.string()]) });
  const { InstanceProfileName, Roles } = read(schema, properties, id);
  const name = InstanceProfileName ?? generatedName(stack, id);
  requireTrust(stack, id, Roles[0], 'ec2.amazonaws.com');
  stack.account.service<Ec2Service>('ec2', stack.region).registerInstanceProfile(name, Roles[0]);
  const arn = `arn:${stack.account.partition}:iam::${stack.account.id}:instance-profile/${name}`;
  return { ref: name, attributes: { Arn: arn } };
};

/** The name of a role, once it is sure that a service may take it on. @throws DeploymentRefused when it may not. */
export function requireTrust(stack: Stack, id: string, nameOrArn: string, service: string): string {
  const name = nameOrArn.split('/').at(-1) ?? '';
  const found = stack.iam.role(name);
  if (!found) throw new DeploymentRefused(`${id}: there is no role ${name}`);
  if (!found.trusted.includes(service))
    throw new DeploymentRefused(`${id}: the role ${name} cannot be assumed by ${service}`);
  return name;
}
