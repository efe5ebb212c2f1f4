import { AwsError } from './service.ts';

const REFUSALS: Record<string, [code: string, message: string]> = {
  ec2: ['AuthFailure', 'AWS was not able to validate the provided access credentials'],
  s3: ['InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  autoscaling: ['InvalidClientTokenId', 'The security token included in the request is invalid'],
  sns: ['InvalidClientTokenId', 'The security token included in the request is invalid'],
  sts: ['InvalidClientTokenId', 'The security token included in the request is invalid'],
};

/** What a service answers to a key that it does not know: so too in a Region that is switched off for the account. */
export function unknownKey(service: string): AwsError {
  const [code, message] = REFUSALS[service] ?? [
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
  ];
  return new AwsError(code, message, service === 'ec2' ? 401 : 403);
}
