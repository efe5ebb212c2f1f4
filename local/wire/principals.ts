import { createHash } from 'node:crypto';
import type { Principal } from '../account/service.ts';

/** What a client signs with; temporary ones carry a session token. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Who is behind an access key. */
export class Principals {
  #issued = new Map<string, { principal: Principal; credentials: Credentials }>();

  /** Credentials for a caller. The same caller gets the same ones, so that a seeded run is the same every time. */
  issue(principal: Principal): Credentials {
    const digest = createHash('sha256').update(principal.arn).digest('hex').toUpperCase();
    const credentials = {
      accessKeyId: `ASIA${digest.slice(0, 16)}`,
      secretAccessKey: digest.slice(16, 56),
      sessionToken: digest.slice(24),
    };
    this.#issued.set(credentials.accessKeyId, { principal, credentials });
    return credentials;
  }

  /** The caller behind a key, with the secret that its signatures are checked by. */
  find(accessKeyId: string): { principal: Principal; credentials: Credentials } | undefined {
    return this.#issued.get(accessKeyId);
  }
}
