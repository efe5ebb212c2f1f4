import { AwsError } from '../service.ts';

/** What Step Functions does not allow in the name of a machine or an execution, besides control characters. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\ufffe\uffff]/u;

/** @throws AwsError InvalidName, ValidationException */
export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must have length between 1 and 80`,
    );
  if (FORBIDDEN.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
