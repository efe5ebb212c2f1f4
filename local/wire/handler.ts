import type { Account } from '../account/account.ts';
import { AwsError, type Principal } from '../account/service.ts';
import { operationSchema, speech } from './clients.ts';
import type { Principals } from './principals.ts';
import { RPC, type WireResponse } from './rpc.ts';
import { decodeS3, encodeS3, refuseS3, s3Operation } from './s3.ts';
import { checkPresigned, queryOf, readScope, type Scope, type WireRequest } from './signature.ts';

/** What a service answers to a key that it does not know. */
const UNKNOWN_KEY: Record<string, [string, string]> = {
  ec2: ['AuthFailure', 'AWS was not able to validate the provided access credentials'],
  s3: ['InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  sns: ['InvalidClientTokenId', 'The security token included in the request is invalid'],
  sts: ['InvalidClientTokenId', 'The security token included in the request is invalid'],
};

function callerOf(account: Account, principals: Principals, request: WireRequest, scope: Scope): Principal {
  const known = principals.find(scope.accessKeyId);
  if (!known) {
    const [code, message] = UNKNOWN_KEY[scope.service] ?? [
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ];
    throw new AwsError(code, message, 403);
  }
  if (queryOf(request).has('X-Amz-Signature'))
    checkPresigned(request, scope, known.credentials.secretAccessKey, account.clock.now());
  return known.principal;
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError('InternalFailure', `the simulated account failed: ${text}`, 500);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

let requests = 0;

/** Answers one request to the account: finds the service, the operation and the caller, and time stands still. */
export async function handle(
  account: Account,
  principals: Principals,
  request: WireRequest,
): Promise<WireResponse> {
  return await account.clock.hold(async () => {
    const requestId = `request-${++requests}`;
    const scope = readScope(request);
    if (!scope)
      return refuseS3(
        new AwsError('AccessDenied', 'The request is not signed', 403),
        requestId,
        request.method,
      );
    const spoken = speech(scope.service);
    if (spoken?.protocol === 'restXml') {
      try {
        const operation = s3Operation(request);
        const principal = callerOf(account, principals, request, scope);
        const schema = operation ? await operationSchema('s3', operation) : undefined;
        if (!schema) throw new AwsError('NotSimulated', `s3 ${request.method} is not simulated`, 501);
        const input = await decodeS3(schema, request);
        const output = await account.call({ ...scope, principal, operation, input });
        return encodeS3(operation, schema, { ...(output ?? {}) }, spoken.xmlns);
      } catch (error) {
        return refuseS3(asAwsError(error), requestId, request.method);
      }
    }
    const rpc = RPC[spoken?.protocol ?? 'awsJson'];
    try {
      const body = await textOf(request.body);
      const operation = rpc.operation(request.headers, body);
      const principal = callerOf(account, principals, request, scope);
      const schema = await operationSchema(scope.service, operation);
      if (!schema) throw new AwsError('NotSimulated', `${scope.service}:${operation} is not simulated`, 501);
      const input = await rpc.decode(schema, body);
      const output = await account.call({ ...scope, principal, operation, input });
      return rpc.encode(operation, schema, output, spoken?.xmlns ?? '');
    } catch (error) {
      return rpc.refuse(asAwsError(error), requestId);
    }
  });
}
