import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Account } from '../account/account.ts';
import type { AccountIam } from '../account/iam/accountIam.ts';
import { DeploymentRefused, type Fields, type Value } from './template.ts';

/** What creators of resources need to know. */
export interface Stack {
  name: string;
  account: Account;
  iam: AccountIam;
  region: string;
  /** Where `serverless package` left the zips. */
  directory: string;
}

/** A resource that was made: what `Ref` and `Fn::GetAtt` give of it. */
export interface Made {
  ref: string;
  attributes?: Record<string, Value>;
}

/** Makes a resource of one type, of its properties with all references resolved. */
export type Creator = (stack: Stack, id: string, properties: Fields) => Made | Promise<Made>;

/** The name that CloudFormation gives a resource without one; the same every time, so that runs repeat. */
export function generatedName(stack: Stack, id: string): string {
  return `${stack.name}-${id}-${digest(stack, id).slice(0, 12)}`;
}

/** 32 hexadecimal digits that belong to this resource of this stack. */
export function digest({ name, region }: Stack, id: string): string {
  return createHash('sha256').update(`${name} ${region} ${id}`).digest('hex').slice(0, 32);
}

/** @throws DeploymentRefused naming the property that is missing, wrong or (of a strict schema) not simulated. */
export function read<Schema extends v.GenericSchema>(
  schema: Schema,
  properties: Fields,
  id: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, properties);
  if (result.success) return result.output;
  const faults = result.issues.map(
    (issue) =>
      `${v.getDotPath(issue) ?? 'Properties'}: ${issue.expected === 'never' ? 'is not simulated' : issue.message}`,
  );
  throw new DeploymentRefused(`${id}: ${faults.join('; ')}`);
}

/** An ARN of this stack's account and Region. */
export function arn({ account, region }: Stack, service: string, resource: string): string {
  return `arn:${account.partition}:${service}:${region}:${account.id}:${resource}`;
}
