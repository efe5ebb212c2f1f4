import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Account } from '../account/account.ts';
import { handle } from './handler.ts';
import type { Principals } from './principals.ts';

/** Headers with one value a name, as the wire's code reads them. */
function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]);
  return Object.fromEntries(entries);
}

/** A server of the account on this machine; it is reachable from nowhere else. */
export interface Server {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and sets the account's endpoint. @param port 0 takes any free one. */
export async function listen(account: Account, principals: Principals, port = 0): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const { status, headers, body } = await handle(account, principals, {
        method: incoming.method ?? 'GET',
        target: incoming.url ?? '/',
        headers: flat(incoming.headers),
        body: incoming,
      });
      incoming.resume(); // what a refusal left unread
      // no Date: a client sets its clock by it, and functions live in virtual time, the command line in the machine's
      outgoing.sendDate = false;
      outgoing.writeHead(status, headers);
      if (typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body);
      else await pipeline(Readable.from(body), outgoing);
    } catch {
      outgoing.destroy(); // the client has gone
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = server.address();
  const endpoint = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : port}`;
  account.endpoint = endpoint;
  return {
    endpoint,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
