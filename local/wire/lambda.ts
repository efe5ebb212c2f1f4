import type { AwsError } from '../account/service.ts';
import type { OperationSchema } from './clients.ts';
import { collect, type Rest } from './rest.ts';
import { queryOf } from './signature.ts';

const INVOCATIONS = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/;

/** Lambda's REST-JSON, of which Invoke alone is spoken: its payload is the body as it stands. */
export const lambdaRest: Rest = {
  operation: (request) => (request.method === 'POST' && INVOCATIONS.test(request.target) ? 'Invoke' : ''),
  decode: async (_schema, request) => {
    const [, name = ''] = INVOCATIONS.exec(request.target) ?? [];
    const qualifier = queryOf(request).get('Qualifier');
    const type = request.headers['x-amz-invocation-type'];
    return {
      FunctionName: decodeURIComponent(name),
      ...(qualifier !== null && { Qualifier: qualifier }),
      ...(type !== undefined && { InvocationType: type }),
      Payload: await collect(request.body),
    };
  },
  encode: (_operation: string, schema: OperationSchema, output) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    for (const [name, member] of schema.output.structIterator()) {
      const header = member.getMergedTraits().httpHeader;
      if (header && output[name] !== undefined) headers[header.toLowerCase()] = String(output[name]);
    }
    const { Payload, StatusCode } = output;
    return { status: Number(StatusCode ?? 200), headers, body: Payload instanceof Uint8Array ? Payload : '' };
  },
  refuse: (error: AwsError) => ({
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ Message: error.message }),
  }),
};
