import type { AwsError } from '../account/service.ts';
import type { OperationSchema } from './clients.ts';
import type { WireResponse } from './rpc.ts';
import type { WireRequest } from './signature.ts';

/** How a service that names its operations by method and path reads a request, answers it, and refuses it. */
export interface Rest {
  /** The operation's name, or an empty one when it is none that is spoken here. */
  operation(request: WireRequest): string;
  decode(schema: OperationSchema, request: WireRequest): Promise<unknown>;
  encode(
    operation: string,
    schema: OperationSchema,
    output: Record<string, unknown>,
    xmlns: string,
  ): WireResponse;
  refuse(error: AwsError, requestId: string, method: string): WireResponse;
}

/** All bytes of a body. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
