import { matches } from '../../iam/evaluate.ts';
import { MalformedPolicy, readPolicy, type Statement } from '../../iam/policy.ts';
import { AwsError } from '../../service.ts';
import type { InstanceItem } from '../instances/instance.ts';
import type { Inventory } from '../inventory.ts';
import type { EndpointItem } from './network.ts';

/** What an endpoint has that was made without a policy. */
const FULL_ACCESS = JSON.stringify({
  Statement: [{ Action: '*', Effect: 'Allow', Principal: '*', Resource: '*' }],
});
/** What an agent asks of each service first. */
const FIRST_ACTIONS: Record<string, string> = {
  ssm: 'ssm:UpdateInstanceInformation',
  ssmmessages: 'ssmmessages:CreateControlChannel',
};

/** The policy of an endpoint to be. @throws AwsError InvalidParameter when it is none. */
export function checkedPolicy(document = FULL_ACCESS): string {
  try {
    const { statements } = readPolicy(JSON.parse(document), 'the endpoint policy');
    if (statements.every(({ principal }) => principal !== undefined)) return document;
    throw new MalformedPolicy('a statement has no Principal');
  } catch (error) {
    if (!(error instanceof MalformedPolicy || error instanceof SyntaxError)) throw error;
    throw new AwsError('InvalidParameter', `Invalid policy document: ${error.message}`);
  }
}

/** Whether an endpoint's policy lets the role of an instance pass with what its agent asks first. */
export function letsPass({ account }: Inventory, { data }: EndpointItem, instance: InstanceItem): boolean {
  const role = `arn:${account.partition}:iam::${account.id}:role/${instance.roleName}`;
  const action = FIRST_ACTIONS[data.ServiceName?.split('.').at(-1) ?? ''] ?? '';
  const context = { 'aws:PrincipalArn': role, 'aws:PrincipalAccount': account.id };
  const { statements } = readPolicy(JSON.parse(data.PolicyDocument ?? FULL_ACCESS), 'the endpoint policy');
  const found = statements.filter(
    (statement) =>
      names(statement, role, account.id) && matches(statement, { action, resource: '*' }, context),
  );
  return found.length > 0 && found.every(({ effect }) => effect === 'Allow');
}

function names({ principal }: Statement, role: string, account: string): boolean {
  if (principal === '*' || principal === undefined) return true;
  return (principal.AWS ?? []).some(
    (name) => [role, account, '*'].includes(name) || name.endsWith(`::${account}:root`),
  );
}
