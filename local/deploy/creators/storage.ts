import * as v from 'valibot';
import type { DynamoDb } from '../../account/dynamodb/dynamodb.ts';
import { readPolicy } from '../../account/iam/policy.ts';
import type { Kms } from '../../account/kms/kms.ts';
import type { S3 } from '../../account/s3/s3.ts';
import type { Sns } from '../../account/sns/sns.ts';
import { type Creator, digest, generatedName, read } from '../stack.ts';

export const key: Creator = (stack, id, properties) => {
  const { KeyPolicy } = read(v.object({ KeyPolicy: v.unknown() }), properties, id);
  const uuid = digest(stack, id).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const made = stack.account.service<Kms>('kms', stack.region).createKey(uuid);
  stack.iam.putResourcePolicy(made.arn, readPolicy(KeyPolicy, `${id}, KeyPolicy`));
  return { ref: made.keyId, attributes: { Arn: made.arn, KeyId: made.keyId } };
};

const bucketSchema = v.object({
  BucketName: v.optional(v.string()),
  VersioningConfiguration: v.optional(v.object({ Status: v.string() })),
  ObjectLockConfiguration: v.optional(
    v.object({
      Rule: v.object({
        DefaultRetention: v.object({
          Mode: v.picklist(['GOVERNANCE', 'COMPLIANCE']),
          Days: v.pipe(v.unknown(), v.transform(Number), v.number(), v.gtValue(0)),
        }),
      }),
    }),
  ),
  BucketEncryption: v.optional(
    v.object({
      ServerSideEncryptionConfiguration: v.tuple([
        v.object({ ServerSideEncryptionByDefault: v.object({ KMSMasterKeyID: v.optional(v.string()) }) }),
      ]),
    }),
  ),
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
    v.object({ Bucket: v.string(), PolicyDocument: v.unknown() }),
    properties,
    id,
  );
  const arn = `arn:${stack.account.partition}:s3:::${Bucket}`;
  stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  return { ref: Bucket };
};

const keySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));
const tableSchema = v.object({
  TableName: v.pipe(v.string(), v.minLength(3)),
  BillingMode: v.literal('PAY_PER_REQUEST'),
  AttributeDefinitions: v.array(
    v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: v.optional(
    v.array(
      v.object({
        IndexName: v.string(),
        KeySchema: keySchema,
        Projection: v.object({ ProjectionType: v.picklist(['ALL', 'KEYS_ONLY']) }),
      }),
    ),
  ),
  SSESpecification: v.optional(v.object({ KMSMasterKeyId: v.optional(v.string()) })),
});

export const table: Creator = async (stack, id, properties) => {
  const { SSESpecification, ...input } = read(tableSchema, properties, id);
  const dynamodb = stack.account.service<DynamoDb>('dynamodb', stack.region);
  const arn = await dynamodb.createTable(input, SSESpecification?.KMSMasterKeyId);
  return { ref: input.TableName, attributes: { Arn: arn } };
};

export const topic: Creator = (stack, id, properties) => {
  const schema = v.object({ TopicName: v.optional(v.string()), KmsMasterKeyId: v.optional(v.string()) });
  const { TopicName = generatedName(stack, id), KmsMasterKeyId: keyArn } = read(schema, properties, id);
  const sns = stack.account.service<Sns>('sns', stack.region);
  const arn = sns.createTopic(TopicName, keyArn === undefined ? {} : { keyArn });
  return { ref: arn, attributes: { TopicArn: arn, TopicName } };
};

export const topicPolicy: Creator = (stack, id, properties) => {
  const schema = v.object({ Topics: v.array(v.string()), PolicyDocument: v.unknown() });
  const { Topics, PolicyDocument } = read(schema, properties, id);
  for (const arn of Topics)
    stack.iam.putResourcePolicy(arn, readPolicy(PolicyDocument, `${id}, PolicyDocument`));
  return { ref: id };
};
