import { createHash, createHmac } from 'node:crypto';
import { AwsError } from '../account/service.ts';

/** Who signed a request, for which service and Region (Signature Version 4's credential scope). */
export interface Scope {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
}

/** A request as it stands on the wire. `target` is path and query, as sent. */
export interface WireRequest {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

/** Reads the scope from the Authorization header or from a presigned URL; undefined when nothing is signed. */
export function readScope(request: WireRequest): Scope | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const credential = inHeader ?? queryOf(request).get('X-Amz-Credential');
  const [accessKeyId, date, region, service] = credential?.split('/') ?? [];
  if (!accessKeyId || !date || !region || !service) return undefined;
  return { accessKeyId, date, region, service };
}

export function queryOf(request: WireRequest): URLSearchParams {
  return new URLSearchParams(request.target.split('?')[1] ?? '');
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Checks a presigned URL at `now` (virtual milliseconds). @throws AwsError AccessDenied when it has expired,
 * SignatureDoesNotMatch when anything that was signed is not as it was.
 */
export function checkPresigned(request: WireRequest, scope: Scope, secret: string, now: number): void {
  const query = queryOf(request);
  const stamp = query.get('X-Amz-Date') ?? '';
  const signedAt = Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!(now < signedAt + Number(query.get('X-Amz-Expires')) * 1000))
    throw new AwsError('AccessDenied', 'Request has expired', 403);
  const names = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const canonical = [
    request.method,
    request.target.split('?')[0],
    [...query]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    request.headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const path = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = hmac(
    hmac(hmac(hmac(`AWS4${secret}`, scope.date), scope.region), scope.service),
    'aws4_request',
  );
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, path, digest].join('\n')).toString('hex');
  if (signature !== query.get('X-Amz-Signature'))
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
}
