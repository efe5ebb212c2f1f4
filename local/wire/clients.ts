import { NormalizedSchema } from '@smithy/core/schema';

/** The schemas of one operation, as the SDK's client has them. */
export interface OperationSchema {
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** `[method, path with query, status]` of REST services. */
  http?: [string, string, number];
}

export type Protocol = 'ec2Query' | 'awsQuery' | 'awsJson' | 'restXml' | 'restJson';

/** How each service speaks, and where its schemas are; a client package is loaded when its service is first called. */
const SERVICES: Record<string, { protocol: Protocol; xmlns: string; load: () => Promise<object> }> = {
  ec2: {
    protocol: 'ec2Query',
    xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    load: () => import('@aws-sdk/client-ec2'),
  },
  sns: {
    protocol: 'awsQuery',
    xmlns: 'http://sns.amazonaws.com/doc/2010-03-31/',
    load: () => import('@aws-sdk/client-sns'),
  },
  autoscaling: {
    protocol: 'awsQuery',
    xmlns: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    load: () => import('@aws-sdk/client-auto-scaling'),
  },
  elasticfilesystem: { protocol: 'restJson', xmlns: '', load: () => import('@aws-sdk/client-efs') },
  sts: {
    protocol: 'awsQuery',
    xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
    load: () => import('@aws-sdk/client-sts'),
  },
  s3: {
    protocol: 'restXml',
    xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/',
    load: () => import('@aws-sdk/client-s3'),
  },
  ssm: { protocol: 'awsJson', xmlns: '', load: () => import('@aws-sdk/client-ssm') },
  kms: { protocol: 'awsJson', xmlns: '', load: () => import('@aws-sdk/client-kms') },
  dynamodb: { protocol: 'awsJson', xmlns: '', load: () => import('@aws-sdk/client-dynamodb') },
  states: { protocol: 'awsJson', xmlns: '', load: () => import('@aws-sdk/client-sfn') },
  lambda: { protocol: 'restJson', xmlns: '', load: () => import('@aws-sdk/client-lambda') },
};

/** What the wire needs to know of a service; undefined when the account has none of that name. */
export function speech(service: string): { protocol: Protocol; xmlns: string } | undefined {
  return SERVICES[service];
}

const schemas = new Map<string, OperationSchema>();

/** The schemas of an operation, or undefined when the service has none of that name. */
export async function operationSchema(
  service: string,
  operation: string,
): Promise<OperationSchema | undefined> {
  const key = `${service}:${operation}`;
  const known = schemas.get(key);
  if (known) return known;
  const client = await SERVICES[service]?.load();
  // Read by name: the client of EC2 exports thousands of things.
  const exported: unknown = client && Reflect.get(client, `${operation}$`);
  if (!Array.isArray(exported)) return undefined;
  // [kind, namespace, name, traits, input, output]; input and output may be functions that return the schema
  const [, , , traits, input, output] = exported;
  const schema = {
    input: NormalizedSchema.of(typeof input === 'function' ? input() : input),
    output: NormalizedSchema.of(typeof output === 'function' ? output() : output),
    ...(Array.isArray(traits?.http) ? { http: traits.http } : {}),
  };
  schemas.set(key, schema);
  return schema;
}
