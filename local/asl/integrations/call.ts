import { AwsError } from '../../account/service.ts';
import { StateFailure } from '../failure.ts';
import { seededUuid } from '../uuid.ts';
import type { Attempt } from './integration.ts';

/** How an integration calls a service, and what it calls the service's errors. */
export interface Naming {
  /** The account's name of the service, `states`. */
  service: string;
  /** Before the dot of an error, `Ec2`. */
  prefix: string;
  /** What an error outside the service's model is called, `Ec2Exception`. */
  general: string;
  /** The service in a cause, `AWSLambda`; the optimised integrations have other words there than `aws-sdk`. */
  optimised?: string;
}

/** Codes that no service's model lists, so that the SDK has no class for them. */
const UNMODELLED =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|ValidationError|ValidationException|Throttling|ThrottlingException|RequestLimitExceeded|SlowDown|NotSimulated|UnknownService)$/;

/** Performs one operation with the machine's role. @returns what the operation returns, untouched @throws StateFailure */
export async function callService(
  { frame }: Pick<Attempt, 'frame'>,
  naming: Naming,
  operation: string,
  input: unknown,
): Promise<unknown> {
  const { account, machine, principal } = frame.thread.run;
  const call = { principal, region: machine.region, service: naming.service, operation, input };
  try {
    // A function takes virtual time; any other operation happens at one moment, however long its work really takes.
    if (naming.service === 'lambda') return await account.call(call);
    return await account.clock.hold(() => account.call(call));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw named(error, naming, seededUuid(account.random));
  }
}

/** An error under the name and with the cause that Step Functions gives it. */
export function named(error: AwsError, naming: Naming, requestId: string): StateFailure {
  // EC2's model has no errors at all.
  const general = naming.service === 'ec2' || UNMODELLED.test(error.code);
  const name = general ? naming.general : `${error.code.replace(/Exception$/, '')}Exception`;
  const details = naming.optimised
    ? `Service: ${naming.optimised}; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null`
    : `Service: ${naming.prefix}, Status Code: ${error.status}, Request ID: ${requestId}`;
  return new StateFailure(`${naming.prefix}.${name}`, `${error.message} (${details})`);
}

/** What an optimised integration adds to a result. AWS adds all headers; only these fields are the same every time. */
export function metadata(attempt: Attempt) {
  return {
    SdkHttpMetadata: { HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: seededUuid(attempt.frame.thread.run.account.random) },
  };
}
