import type { Account } from '../account/account.ts';
import { unknownKey } from '../account/credentials.ts';
import { AwsError, type Principal } from '../account/service.ts';
import { operationSchema, speech } from './clients.ts';
import { efsRest } from './efs.ts';
import { lambdaRest } from './lambda.ts';
import type { Principals } from './principals.ts';
import { collect, type Rest } from './rest.ts';
import { RPC, type WireResponse } from './rpc.ts';
import { s3Rest } from './s3.ts';
import { checkPresigned, queryOf, readScope, type Scope, type WireRequest } from './signature.ts';

/** The services that name their operations by method and path, each in its own way. */
const REST: Record<string, Rest> = { s3: s3Rest, lambda: lambdaRest, elasticfilesystem: efsRest };

function callerOf(account: Account, principals: Principals, request: WireRequest, scope: Scope): Principal {
  const known = principals.find(scope.accessKeyId);
  if (!known) throw unknownKey(scope.service);
  if (queryOf(request).has('X-Amz-Signature'))
    checkPresigned(request, scope, known.credentials.secretAccessKey, account.clock.now());
  return known.principal;
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError('InternalFailure', `the simulated account failed: ${text}`, 500);
}

function rpcOf(protocol: string | undefined) {
  return protocol === 'ec2Query' || protocol === 'awsQuery' ? RPC[protocol] : RPC.awsJson;
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
      return s3Rest.refuse(
        new AwsError('AccessDenied', 'The request is not signed', 403),
        requestId,
        request.method,
      );
    const spoken = speech(scope.service);
    const rest = REST[scope.service];
    if (rest && spoken) {
      try {
        const operation = rest.operation(request);
        const principal = callerOf(account, principals, request, scope);
        const schema = operation ? await operationSchema(scope.service, operation) : undefined;
        if (!schema)
          throw new AwsError('NotSimulated', `${scope.service} ${request.method} is not simulated`, 501);
        const input = await rest.decode(schema, request);
        const output = await account.call({ ...scope, principal, operation, input });
        return rest.encode(operation, schema, { ...(output ?? {}) }, spoken.xmlns);
      } catch (error) {
        return rest.refuse(asAwsError(error), requestId, request.method);
      }
    }
    const rpc = rpcOf(spoken?.protocol);
    try {
      const body = (await collect(request.body)).toString('utf8');
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
