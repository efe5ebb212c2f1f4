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

/** AWS has no more machines of a type in a zone; a fault of AWS's, so that clients try once more. */
export function noCapacity(type: string, zone: string): AwsError {
  return new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity. You can currently get ${type} capacity by not specifying an Availability Zone in your request or choosing another one.`,
    500,
  );
}
