import type { Account } from '../account/account.ts';
import { AccountIam } from '../account/iam/accountIam.ts';
import { faultsOf } from '../account/iam/reference.ts';
import { AwsError } from '../account/service.ts';
import { CREATORS } from './creators.ts';
import { resolve, resolveCondition, type Scope } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import type { Made, Stack } from './stack.ts';
import { DeploymentRefused, isFields, readTemplate, type Template, type Value } from './template.ts';

/** What a deployment made. */
export interface Deployed {
  /** What `Ref` gives of each resource, by logical id: a machine's or a topic's ARN, a table's or a bucket's name, … */
  refs: Record<string, string>;
  /** The template's outputs. */
  outputs: Record<string, string>;
  /** What in the roles' policies can never match on AWS, one line each; AWS takes such policies without a word. */
  policyFaults(): Promise<string[]>;
}

/**
 * Makes everything of a packaged template in an account, as CloudFormation would.
 * @param directory what `packageTemplate` gave
 * @throws DeploymentRefused naming an unknown type of resource, an unknown intrinsic function, a reference that leads
 * nowhere, a property that is wrong, or what a service refuses
 */
export async function deploy(
  account: Account,
  directory: string,
  options: { stage: string; region: string; parameters?: Record<string, string> },
): Promise<Deployed> {
  const { iam } = account;
  if (!(iam instanceof AccountIam)) throw new Error('a template needs an account with IAM');
  const { region, parameters = {} } = options;
  const template = readTemplate(directory);
  const stack: Stack = { name: `backup-drill-${options.stage}`, account, iam, region, directory };
  const made = new Map<string, Made>();
  const scope = scopeOf(stack, template, parameters, made);
  for (const id of creationOrder(template.Resources)) {
    const resource = template.Resources[id];
    if (!resource || (resource.Condition && !scope.condition(resource.Condition))) continue;
    const create = CREATORS[resource.Type];
    if (!create) throw new DeploymentRefused(`${id}: the resource type ${resource.Type} is not simulated`);
    const properties = resolve(resource.Properties ?? {}, scope, id);
    try {
      made.set(id, await create(stack, id, isFields(properties) ? properties : {}));
    } catch (error) {
      // What a service refuses says nothing of the template.
      if (error instanceof AwsError) throw new DeploymentRefused(`${id}: ${error.code}: ${error.message}`);
      throw error;
    }
  }
  const outputs: Record<string, string> = {};
  for (const [name, { Value, Condition }] of Object.entries(template.Outputs ?? {}))
    if (!Condition || scope.condition(Condition)) outputs[name] = String(resolve(Value, scope, name));
  return {
    refs: Object.fromEntries([...made].map(([id, { ref }]) => [id, ref])),
    outputs,
    policyFaults: async () => (await Promise.all(iam.roles().map(faultsOf))).flat(),
  };
}

function scopeOf(
  { name, account, region }: Stack,
  template: Template,
  parameters: Record<string, string>,
  made: Map<string, Made>,
): Scope {
  const pseudo: Record<string, Value> = {
    'AWS::AccountId': account.id,
    'AWS::Partition': account.partition,
    'AWS::Region': region,
    'AWS::StackId': `arn:${account.partition}:cloudformation:${region}:${account.id}:stack/${name}/1`,
    'AWS::StackName': name,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const scope: Scope = {
    ref: (of) => pseudo[of] ?? made.get(of)?.ref ?? parameters[of] ?? template.Parameters?.[of]?.Default,
    attribute: (of, attribute) => made.get(of)?.attributes?.[attribute],
    condition: (of) => {
      const condition = template.Conditions?.[of];
      if (condition === undefined) throw new DeploymentRefused(`the condition ${of} does not exist`);
      return resolveCondition(condition, scope, of);
    },
    availabilityZones: (of) => ['a', 'b', 'c'].map((zone) => `${of || region}${zone}`),
  };
  return scope;
}
