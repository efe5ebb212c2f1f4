import { isObject, toJson } from '../json.ts';
import { callService } from './call.ts';
import type { Integration } from './integration.ts';

/** Services of `aws-sdk:…` with the name that their errors begin with. Their members begin with a capital everywhere. */
const PREFIXES: Record<string, string> = {
  cloudwatch: 'CloudWatch',
  dynamodb: 'DynamoDb',
  ec2: 'Ec2',
  kms: 'Kms',
  lambda: 'Lambda',
  s3: 'S3',
  sns: 'Sns',
  sqs: 'Sqs',
  ssm: 'Ssm',
  sts: 'Sts',
};

/** `aws-sdk:<service>:<operation>`, or undefined for a service that is not known here. */
export function sdkIntegration(service: string, operation: string): Integration | undefined {
  const prefix = PREFIXES[service];
  if (!prefix) return undefined;
  const naming = { service, prefix, general: `${prefix}Exception` };
  return {
    resourceType: `aws-sdk:${service}`,
    resource: operation,
    async perform(attempt) {
      const name = operation.charAt(0).toUpperCase() + operation.slice(1);
      const answer = toJson(await callService(attempt, naming, name, attempt.arguments));
      return isObject(answer) ? answer : {};
    },
  };
}
