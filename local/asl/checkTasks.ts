import type { Account } from '../account/account.ts';
import type { Fault } from './check.ts';
import { type Flow, flowsWithin, type StateOf } from './definition.ts';
import { integrationOf, waitsForToken } from './integrations/resource.ts';
import { isObject } from './json.ts';

/** Checks that every Task's integration is supported, takes the arguments that are given, and is simulated at all. */
export function checkTasks(flow: Flow, path: string, account: Account, region: string): Fault[] {
  return Object.entries(flow.States).flatMap(([name, state]) => {
    const at = `${path}/States/${name}`;
    const own = state.Type === 'Task' ? taskFaults(state, account, region) : [];
    const inner = flowsWithin(state).flatMap((each) => checkTasks(each, at, account, region));
    return [...own.map((message) => ({ path: at, message })), ...inner];
  });
}

function taskFaults(state: StateOf<'Task'>, account: Account, region: string): string[] {
  const integration = integrationOf(state.Resource, account.partition);
  if (!integration) return [`The integration "${state.Resource}" is not supported`];
  const faults: string[] = [];
  if (integration.resourceType.startsWith('aws-sdk:')) {
    const service = integration.resourceType.slice('aws-sdk:'.length);
    const operation = integration.resource.charAt(0).toUpperCase() + integration.resource.slice(1);
    if (!isSimulated(account, service, region, operation))
      faults.push(`The integration "${state.Resource}" is not simulated`);
  }
  const given = isObject(state.Arguments) ? Object.keys(state.Arguments) : [];
  for (const key of given)
    if (integration.takes && !integration.takes.includes(key))
      faults.push(`The field "${key}" is not supported by Step Functions`);
  if (
    waitsForToken(integration) &&
    !JSON.stringify(state.Arguments ?? '').includes('states.context.Task.Token')
  )
    faults.push('The task token must be passed in "Arguments"');
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = state;
  if (heartbeat !== undefined && !waitsForToken(integration))
    faults.push('"HeartbeatSeconds" is supported for .waitForTaskToken only');
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout)
    faults.push('"HeartbeatSeconds" must be smaller than "TimeoutSeconds"');
  return faults;
}

function isSimulated(account: Account, service: string, region: string, operation: string): boolean {
  try {
    return operation in account.service(service, region).operations;
  } catch {
    return false;
  }
}
