import * as v from 'valibot';
import { strictObject } from './strictObject.ts';

/**
 * The policy of an endpoint of Systems Manager in the sandbox, as JSON: only the sandbox's own instances pass. A copy
 * holds whatever credentials its source had on disk, and with those it could else send commands to production.
 */
export function endpointPolicy(instanceRoleArn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyInstancesOfTheSandbox',
        Effect: 'Allow',
        Principal: '*',
        Action: '*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalArn': instanceRoleArn } },
      },
    ],
  });
}

const values = v.union([
  v.pipe(
    v.string(),
    v.transform((one) => [one]),
  ),
  v.pipe(v.array(v.string()), v.minLength(1)),
]);
const keys = v.record(v.string(), values);
const schema = v.object({
  Statement: v.array(
    v.object({
      Effect: v.string(),
      Principal: v.optional(v.union([v.string(), strictObject({ AWS: values })])),
      Condition: v.optional(v.looseObject({ StringEquals: v.optional(keys), ArnEquals: v.optional(keys) })),
    }),
  ),
});

/**
 * Whether an endpoint's policy lets anybody but a role's sessions pass. One that cannot be read does, and so does what
 * might be strict in another way than by naming the role.
 */
export function letsOthersPass(document: string | undefined, roleArn: string): boolean {
  const read = v.safeParse(schema, parsed(document));
  if (!read.success) return true;
  const isRole = (names: string[] | undefined) => names?.every((name) => name === roleArn) ?? false;
  return read.output.Statement.filter(({ Effect }) => Effect !== 'Deny').some(
    ({ Principal, Condition }) =>
      !(
        isRole(typeof Principal === 'object' ? Principal.AWS : undefined) ||
        isRole(callers(Condition?.StringEquals)) ||
        isRole(callers(Condition?.ArnEquals))
      ),
  );
}

/** Condition keys are read without regard to case. */
function callers(condition: Record<string, string[]> | undefined): string[] | undefined {
  return Object.entries(condition ?? {}).find(([key]) => key.toLowerCase() === 'aws:principalarn')?.[1];
}

function parsed(document: string | undefined): unknown {
  try {
    return JSON.parse(document ?? '');
  } catch {
    return undefined;
  }
}
