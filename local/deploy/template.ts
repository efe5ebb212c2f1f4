import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** JSON of a template, intrinsics included. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Fields = { [key: string]: Value };

export interface Resource {
  Type: string;
  Properties?: Fields;
  DependsOn?: string | string[];
  Condition?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
  Parameters?: Record<string, { Default?: Value }>;
  Conditions?: Record<string, Value>;
  Outputs?: Record<string, { Value: Value; Condition?: string }>;
}

/** The template cannot be deployed; the message names what is wrong with it. */
export class DeploymentRefused extends Error {
  override readonly name = 'DeploymentRefused';
}

/** CloudFormation's limits: bytes of a template on S3, to which it is uploaded without blanks, and its resources. */
const MOST_BYTES = 1_000_000;
const MOST_RESOURCES = 500;

/** The template that `serverless package` wrote into a directory. @throws DeploymentRefused as CloudFormation would */
export function readTemplate(directory: string): Template {
  const text = readFileSync(join(directory, 'cloudformation-template-update-stack.json'), 'utf8');
  const template: Template = JSON.parse(text);
  const bytes = Buffer.byteLength(JSON.stringify(template));
  const resources = Object.keys(template.Resources).length;
  if (bytes > MOST_BYTES)
    throw new DeploymentRefused(`Template may not exceed ${MOST_BYTES} bytes in size; it has ${bytes}`);
  if (resources > MOST_RESOURCES)
    throw new DeploymentRefused(
      `Template format error: Number of resources, ${resources}, is greater than maximum allowed, ${MOST_RESOURCES}`,
    );
  return template;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
