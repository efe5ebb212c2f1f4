import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { JsonShapeDeserializer2, JsonShapeSerializer2 } from '@smithy/core/protocols';
import type { AwsError } from '../account/service.ts';
import type { OperationSchema } from './clients.ts';
import { writeEc2Answer } from './ec2Answer.ts';
import { decodeForm } from './form.ts';

/** What is answered. */
export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

const EPOCH = 7;
const DATE_TIME = 5;

const serde = {
  base64Decoder: (text: string) => Buffer.from(text, 'base64'),
  base64Encoder: (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64'),
  utf8Encoder: (bytes: string | Uint8Array) => Buffer.from(bytes).toString('utf8'),
  utf8Decoder: (text: string) => Buffer.from(text, 'utf8'),
};

/** Writes a structure as XML, `<Name xmlns=…>…</Name>`. */
export function writeXml(schema: OperationSchema['output'], value: unknown, xmlns: string): string {
  if (!schema.isStructSchema()) return '<Unit></Unit>'; // an operation that answers nothing
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
    xmlNamespace: xmlns,
    serviceNamespace: 'account',
  });
  // biome-ignore lint/suspicious/noExplicitAny: the codec wants the SDK's whole context and uses only these
  serializer.setSerdeContext?.(serde as any);
  serializer.write(schema, value ?? {});
  return String(serializer.flush());
}

/** The same under another outer name. */
function renamed(xml: string, name: string): string {
  return xml.replace(/^<[\w.]+/, `<${name}`).replace(/<\/[\w.]+>$/, `</${name}>`);
}

/** How one kind of service reads a request, answers it, and refuses it. */
export interface Rpc {
  operation(headers: Record<string, string>, body: string): string;
  decode(schema: OperationSchema, body: string): Promise<unknown>;
  encode(operation: string, schema: OperationSchema, output: unknown, xmlns: string): WireResponse;
  refuse(error: AwsError, requestId: string): WireResponse;
}

const XML = { 'content-type': 'text/xml;charset=UTF-8' };
const formOf = (body: string) => new Map(new URLSearchParams(body));
const xmlText = (text: string) =>
  text.replace(/[<>&]/g, (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[char] ?? char);

const ec2Query: Rpc = {
  operation: (_, body) => formOf(body).get('Action') ?? '',
  decode: async (schema, body) => decodeForm(schema.input, formOf(body), 'ec2'),
  encode: (operation, schema, output, xmlns) => ({
    status: 200,
    headers: XML,
    body: writeEc2Answer(operation, schema.output, output, xmlns),
  }),
  refuse: (error, requestId) => ({
    status: error.status,
    headers: XML,
    body: `<Response><Errors><Error><Code>${error.code}</Code><Message>${xmlText(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
};

const awsQuery: Rpc = {
  operation: ec2Query.operation,
  decode: async (schema, body) => decodeForm(schema.input, formOf(body), 'query'),
  encode: (operation, schema, output, xmlns) => {
    const result = renamed(writeXml(schema.output, output, ''), `${operation}Result`);
    return {
      status: 200,
      headers: XML,
      body: `<${operation}Response xmlns="${xmlns}">${result}</${operation}Response>`,
    };
  },
  refuse: (error, requestId) => ({
    status: error.status,
    headers: XML,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code><Message>${xmlText(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
};

const JSON_SETTINGS = {
  jsonName: false,
  timestampFormat: { useTrait: false, default: EPOCH },
  httpBindings: false,
} as const;

const awsJson: Rpc = {
  operation: (headers) => headers['x-amz-target']?.split('.').at(-1) ?? '',
  decode: async (schema, body) => {
    const deserializer = new JsonShapeDeserializer2(JSON_SETTINGS);
    // biome-ignore lint/suspicious/noExplicitAny: see writeXml
    deserializer.setSerdeContext?.(serde as any);
    return await deserializer.read(schema.input, body || '{}');
  },
  encode: (_, schema, output) => {
    const serializer = new JsonShapeSerializer2(JSON_SETTINGS);
    // biome-ignore lint/suspicious/noExplicitAny: see writeXml
    serializer.setSerdeContext?.(serde as any);
    serializer.write(schema.output, output ?? {});
    const written: string | Uint8Array = serializer.flush();
    const body = written instanceof Uint8Array ? Buffer.copyBytesFrom(written) : written;
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: body.length > 0 ? body : '{}',
    };
  },
  refuse: (error) => ({
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }),
  }),
};

export const RPC = { ec2Query, awsQuery, awsJson };
