import { AwsError } from '../service.ts';

/** A value that is not of the form its parameter has. */
export function invalidValue(value: unknown, parameter: string, why: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${parameter} is invalid. ${why}`,
  );
}

/** A repeat with a client token that stands for another request. */
export function otherRequest(): AwsError {
  return new AwsError(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}
