import { AwsError } from '../service.ts';

/** Why an access was refused, as AWS's messages tell it. */
export type Reason =
  | 'no identity-based policy allows'
  | 'no resource-based policy allows'
  | 'explicit deny in an identity-based policy'
  | 'explicit deny in a resource-based policy';

/** The code and status in which each service refuses; the others answer AccessDeniedException. */
const CODES: Record<string, { code: string; status: number }> = {
  ec2: { code: 'UnauthorizedOperation', status: 403 },
  s3: { code: 'AccessDenied', status: 403 },
  sns: { code: 'AuthorizationError', status: 403 },
  sts: { code: 'AccessDenied', status: 403 },
  lambda: { code: 'AccessDeniedException', status: 403 },
};

/** The refusal of an access in a service's own words. */
export function refusal(
  service: string,
  who: string,
  { action, resource }: { action: string; resource: string },
  reason: Reason,
): AwsError {
  const why = reason.startsWith('no ') ? `because ${reason} the ${action} action` : `with an ${reason}`;
  const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  const { code, status } = CODES[service] ?? { code: 'AccessDeniedException', status: 400 };
  const opening = service === 'ec2' ? 'You are not authorized to perform this operation. ' : '';
  return new AwsError(code, `${opening}${message}`, status);
}
