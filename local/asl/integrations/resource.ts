import type { Integration } from './integration.ts';
import { invoke } from './lambda.ts';
import { startExecutionSync } from './nested.ts';
import { sdkIntegration } from './sdk.ts';
import { publish } from './sns.ts';

const TOKEN = '.waitForTaskToken';
const OPTIMISED: Record<string, Integration> = {
  'lambda:invoke': invoke,
  [`lambda:invoke${TOKEN}`]: { ...invoke, resource: `invoke${TOKEN}` },
  'states:startExecution.sync:2': startExecutionSync,
  'sns:publish': publish,
};

/** The integration that a Task's Resource names, or undefined for one that is not supported. */
export function integrationOf(resource: string, partition: string): Integration | undefined {
  const prefix = `arn:${partition}:states:::`;
  if (!resource.startsWith(prefix)) return undefined;
  const name = resource.slice(prefix.length);
  const sdk = /^aws-sdk:([a-z0-9]+):([a-z][A-Za-z0-9]+)$/.exec(name);
  return sdk ? sdkIntegration(sdk[1] ?? '', sdk[2] ?? '') : OPTIMISED[name];
}

/** Whether a task of it goes on only when its token comes back. */
export function waitsForToken(integration: Integration): boolean {
  return integration.resource.endsWith(TOKEN);
}
