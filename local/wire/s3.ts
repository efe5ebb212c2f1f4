import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import type { AwsError } from '../account/service.ts';
import { decodeChunked } from './chunked.ts';
import type { OperationSchema } from './clients.ts';
import { collect, type Rest } from './rest.ts';
import { type WireResponse, writeXml } from './rpc.ts';
import { queryOf, type WireRequest } from './signature.ts';

/** `/bucket/key?query` taken apart; the key is empty for an operation on the bucket. */
function address(request: WireRequest): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/([^/?]*)\/?([^?]*)/.exec(request.target) ?? [];
  return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key) };
}

/** Which operation a request is; a method that none of ours uses gives an empty name. */
function s3Operation(request: WireRequest): string {
  const { key } = address(request);
  const query = queryOf(request);
  if (key) {
    const byMethod = { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' };
    return Object.entries(byMethod).find(([method]) => method === request.method)?.[1] ?? '';
  }
  if (request.method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
  if (request.method === 'POST' && query.has('delete')) return 'DeleteObjects';
  return '';
}

function scalar(member: OperationSchema['input'], text: string): unknown {
  if (member.isNumericSchema()) return Number(text);
  if (member.isBooleanSchema()) return text === 'true';
  if (member.isTimestampSchema()) return new Date(text);
  return text;
}

/** Reads an input from path, query, headers and body; `Body` stays a stream. */
async function decodeS3(schema: OperationSchema, request: WireRequest): Promise<unknown> {
  const { bucket, key } = address(request);
  const query = queryOf(request);
  const input: Record<string, unknown> = { Bucket: bucket, ...(key ? { Key: key } : {}) };
  for (const [name, member] of schema.input.structIterator()) {
    const traits = member.getMergedTraits();
    // a presigned URL carries in its query what else stands in headers
    const header = traits.httpHeader?.toLowerCase();
    const text =
      header !== undefined
        ? (request.headers[header] ?? query.get(header))
        : traits.httpQuery
          ? query.get(traits.httpQuery)
          : null;
    if (text !== null && text !== undefined) input[name] = scalar(member, text);
    if (traits.httpPrefixHeaders) input[name] = prefixed(request.headers, traits.httpPrefixHeaders);
    if (traits.httpPayload)
      input[name] = member.isStructSchema() ? await readXml(member, request) : request.body;
  }
  if (request.headers['x-amz-content-sha256']?.startsWith('STREAMING-')) unchunk(schema, request, input);
  return input;
}

/** A body in pieces becomes the bytes that it holds, and a checksum that comes after them joins the input then. */
function unchunk(schema: OperationSchema, request: WireRequest, input: Record<string, unknown>): void {
  const encoding = String(input.ContentEncoding ?? '').replace(/aws-chunked,?\s*/, '');
  delete input.ContentEncoding;
  if (encoding) input.ContentEncoding = encoding;
  const length = request.headers['x-amz-decoded-content-length'];
  if (length !== undefined) input.ContentLength = Number(length);
  input.Body = decodeChunked(request.body, (header, value) => {
    for (const [name, member] of schema.input.structIterator())
      if (member.getMergedTraits().httpHeader?.toLowerCase() === header) input[name] = value;
  });
}

function prefixed(headers: Record<string, string>, prefix: string): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

async function readXml(schema: OperationSchema['input'], request: WireRequest): Promise<unknown> {
  const deserializer = new XmlShapeDeserializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: true,
    xmlNamespace: '',
    serviceNamespace: 'account',
  });
  return await deserializer.read(schema, (await collect(request.body)).toString());
}

/** Writes an output into headers, and its payload or the rest of it into the body. */
function encodeS3(
  operation: string,
  schema: OperationSchema,
  output: Record<string, unknown>,
  xmlns: string,
): WireResponse {
  const headers: Record<string, string> = {};
  let payload: unknown;
  let bound = true;
  for (const [name, member] of schema.output.structIterator()) {
    const traits = member.getMergedTraits();
    const value = output[name];
    if (traits.httpPayload) payload = value;
    else if (!traits.httpHeader && !traits.httpPrefixHeaders && value !== undefined) bound = false;
    if (value === undefined) continue;
    if (traits.httpHeader)
      headers[traits.httpHeader.toLowerCase()] =
        value instanceof Date ? dateHeader(member, value) : String(value);
    if (traits.httpPrefixHeaders)
      for (const [key, text] of Object.entries(value ?? {}))
        headers[traits.httpPrefixHeaders + key] = String(text);
  }
  if (bound) return { status: operation === 'DeleteObject' ? 204 : 200, headers, body: asBody(payload) };
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: writeXml(schema.output, output, xmlns),
  };
}

const DATE_TIME = 5; // the SDK's number of the timestamp format that is ISO 8601; a header's usual one is HTTP's own

function dateHeader(member: NormalizedSchema, value: Date): string {
  return member.getSchema() === DATE_TIME ? value.toISOString() : value.toUTCString();
}

function asBody(payload: unknown): WireResponse['body'] {
  if (typeof payload === 'string' || payload instanceof Uint8Array) return payload;
  return isStream(payload) ? payload : '';
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function refuseS3(error: AwsError, requestId: string, method: string): WireResponse {
  const message = error.message.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml' },
    body:
      method === 'HEAD'
        ? '' // S3 answers a HEAD with the status alone
        : `<Error><Code>${error.code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
  };
}

export const s3Rest: Rest = { operation: s3Operation, decode: decodeS3, encode: encodeS3, refuse: refuseS3 };
