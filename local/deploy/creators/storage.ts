import { z } from 'zod';
import type { DynamoDb } from '../../account/dynamodb/dynamodb.ts';
import { readPolicy } from '../../account/iam/policy.ts';
import type { Kms } from '../../account/kms/kms.ts';
import type { S3 } from '../../account/s3/s3.ts';
import type { Sns } from '../../account/sns/sns.ts';
import { type Creator, digest, generatedName, read } from '../stack.ts';

export const key: Creator = (stack, id, properties) => {
  const { KeyPolicy } = read(z.object({ KeyPolicy: z.unknown() }), properties, id);
  const uuid = digest(stack, id).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const made = stack.account.service<Kms>('kms', stack.region).createKey(uuid);
  stack.iam.putResourcePolicy(made.arn, readPolicy(KeyPolicy, `${id}, KeyPolicy`));
  return { ref: made.keyId, attributes: { Arn: made.arn, KeyId: made.keyId } };
};

const bucketSchema = z.object({
  BucketName: z.string().optional(),
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  ObjectLockConfiguration: z
    .object({
      Rule: z.object({
        DefaultRetention: z.object({
          Mode: z.enum(['GOVERNANCE', 'COMPLIANCE']),
          Days: z.coerce.number().positive(),
        }),
      }),
    })
    .optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z.tuple([
        z.object({ ServerSideEncryptionByDefault: z.object({ KMSMasterKeyID: z.string().optional() }) }),
      ]),
    })
    .optional(),
});

export const bucket: Creator = (stack, id, properties) => {
  const found = read(bucketSchema, properties, id);
  const name = found.BucketName ?? generatedName(stack, id).toLowerCase();
  const retention = found.ObjectLockConfiguration?.Rule.DefaultRetention;
  const keyArn =
    found.BucketEncryption?.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID;
  stack.account.service<S3>('s3', stack.region).createBucket({
    name,
    versioning: found.VersioningConfiguration?.Status === 'Enabled',
    ...(retention && { retention: { mode: retention.Mode, days: retention.Days } }),
    ...(keyArn !== undefined && { keyArn }),
  });
  return { ref: name, attributes: { Arn: `arn:${stack.account.partition}:s3:::${name}` } };
};

export const bucketPolicy: Creator = (stack, id, properties) => {
  const { Bucket, PolicyDocument } = read(
    z.object({ Bucket: z.string(), PolicyDocument: z.unknown() }),
    properties,
    id,
  );
  const arn = `arn:${stack.account.partition}:s3:::${Bucket}`;
  stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  return { ref: Bucket };
};

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableSchema = z.object({
  TableName: z.string().min(3),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({ ProjectionType: z.enum(['ALL', 'KEYS_ONLY']) }),
      }),
    )
    .optional(),
  SSESpecification: z.object({ KMSMasterKeyId: z.string().optional() }).optional(),
});

export const table: Creator = async (stack, id, properties) => {
  const { SSESpecification, ...input } = read(tableSchema, properties, id);
  const dynamodb = stack.account.service<DynamoDb>('dynamodb', stack.region);
  const arn = await dynamodb.createTable(input, SSESpecification?.KMSMasterKeyId);
  return { ref: input.TableName, attributes: { Arn: arn } };
};

export const topic: Creator = (stack, id, properties) => {
  const schema = z.object({ TopicName: z.string().optional(), KmsMasterKeyId: z.string().optional() });
  const { TopicName = generatedName(stack, id), KmsMasterKeyId: keyArn } = read(schema, properties, id);
  const sns = stack.account.service<Sns>('sns', stack.region);
  const arn = sns.createTopic(TopicName, keyArn === undefined ? {} : { keyArn });
  return { ref: arn, attributes: { TopicArn: arn, TopicName } };
};

export const topicPolicy: Creator = (stack, id, properties) => {
  const schema = z.object({ Topics: z.array(z.string()), PolicyDocument: z.unknown() });
  const { Topics, PolicyDocument } = read(schema, properties, id);
  for (const arn of Topics)
    stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  return { ref: id };
};
