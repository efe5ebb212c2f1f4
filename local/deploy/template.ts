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

/** The template that `serverless package` wrote into a directory. */
export function readTemplate(directory: string): Template {
  return JSON.parse(readFileSync(join(directory, 'cloudformation-template-update-stack.json'), 'utf8'));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
