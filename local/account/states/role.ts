import { type Definition, type Flow, flowsWithin } from '../../asl/definition.ts';
import type { Account } from '../account.ts';
import { AwsError } from '../service.ts';

/**
 * A machine that waits for nested executions is told of their end by a rule that Step Functions manages with the
 * machine's role. AWS tries that when the machine is created.
 * @throws AwsError AccessDeniedException when the role may not manage the rule
 */
export function checkManagedRule(
  account: Account,
  region: string,
  role: string,
  definition: Definition,
): void {
  if (!resourcesOf(definition).some((resource) => resource.endsWith('.sync:2'))) return;
  const { partition, id } = account;
  const principal = { arn: `arn:${partition}:sts::${id}:assumed-role/${role}/states`, role };
  const resource = `arn:${partition}:events:${region}:${id}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  const needed = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];
  if (needed.every((action) => account.iam.allows(principal, { action, resource }))) return;
  throw new AwsError(
    'AccessDeniedException',
    `'arn:${partition}:iam::${id}:role/${role}' is not authorized to create managed-rule.`,
  );
}

/** The Resource of every Task, however deep. */
function resourcesOf(flow: Flow): string[] {
  return Object.values(flow.States).flatMap((state) => [
    ...(state.Type === 'Task' ? [state.Resource] : []),
    ...flowsWithin(state).flatMap(resourcesOf),
  ]);
}
