import { Readable } from 'node:stream';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import type { Account } from '../account/account.ts';
import type { Principal } from '../account/service.ts';
import { handle } from './handler.ts';
import type { Principals } from './principals.ts';

async function* bytes(body: unknown): AsyncGenerator<Uint8Array> {
  if (body === undefined || body === null) return;
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield body;
  else if (body instanceof Readable) for await (const chunk of body) yield Buffer.from(chunk);
}

function targetOf(request: HttpRequest): string {
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one ?? '')}`),
  );
  return query.length > 0 ? `${request.path}?${query.join('&')}` : request.path;
}

/** Settings for any SDK client that reach the account without a socket, as the given caller. */
export function sdkConfig(account: Account, principals: Principals, principal: Principal, region: string) {
  return {
    region,
    endpoint: account.endpoint || 'http://127.0.0.1',
    credentials: principals.issue(principal),
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: HttpRequest) => {
        const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
        const {
          status,
          headers: answered,
          body,
        } = await handle(account, principals, {
          method: request.method,
          target: targetOf(request),
          headers: Object.fromEntries(headers),
          body: bytes(request.body),
        });
        const stream = typeof body === 'string' || body instanceof Uint8Array ? [Buffer.from(body)] : body;
        const response = new HttpResponse({
          statusCode: status,
          headers: answered,
          body: Readable.from(stream),
        });
        return { response };
      },
      metadata: { handlerProtocol: 'http/1.1' },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
    },
  };
}
