/**
 * Serverless plugin: what serverless-iam-roles-per-function leaves too wide. The stack makes every function's log
 * group, so no role needs to; and the framework's common role, which may write to the logs of any stage whose name
 * begins like this one's, goes when no function uses it.
 */
import type { Serverless, Template } from './serverless.ts';

export default class LeastPrivilegeLogs {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless) {
    this.hooks = {
      'before:package:finalize': () => tidyRoles(serverless.service.provider.compiledCloudFormationTemplate),
    };
  }
}

const COMMON_ROLE = 'IamRoleLambdaExecution';

interface Statement {
  Sid?: string;
  Action: string[];
}

interface RoleProperties {
  Policies: { PolicyDocument: { Statement: Statement[] } }[];
}

function tidyRoles(template: Template): void {
  const { [COMMON_ROLE]: common, ...others } = template.Resources;
  if (common && !JSON.stringify(others).includes(`"${COMMON_ROLE}"`)) template.Resources = others;
  for (const [id, { Properties }] of Object.entries(template.Resources)) {
    if (!id.endsWith(COMMON_ROLE) || !isRole(Properties)) continue;
    for (const { PolicyDocument } of Properties.Policies) {
      for (const statement of PolicyDocument.Statement) {
        if (!statement.Action.includes('logs:PutLogEvents')) continue;
        statement.Sid = 'OwnLog';
        statement.Action = ['logs:CreateLogStream', 'logs:PutLogEvents'];
      }
    }
  }
}

function isRole(properties: object): properties is RoleProperties {
  return 'Policies' in properties;
}
