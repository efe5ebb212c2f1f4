import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateImageCommand, DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Account } from '../../../local/account/account.ts';
import { type DynamoDb, dynamodbService } from '../../../local/account/dynamodb/dynamodb.ts';
import { type Kms, kmsService } from '../../../local/account/kms/kms.ts';
import { type S3, s3Service } from '../../../local/account/s3/s3.ts';
import { AwsError, type Service } from '../../../local/account/service.ts';
import { type Sns, snsService } from '../../../local/account/sns/sns.ts';
import { stsService } from '../../../local/account/sts/sts.ts';
import { sdkConfig } from '../../../local/wire/inProcess.ts';
import { Principals } from '../../../local/wire/principals.ts';
import { listen, type Server } from '../../../local/wire/server.ts';

const REGION = 'eu-west-1';
const directory = mkdtempSync(join(tmpdir(), 'wire-'));
const heard: unknown[] = [];

/** An EC2 that only repeats what it hears, so that the codec can be seen at work. */
const parrot: Service = {
  operations: {
    CreateImage: {
      access: () => [],
      run: (input) => {
        heard.push(input);
        return { ImageId: 'ami-1' };
      },
    },
    DescribeImages: {
      access: () => [{ action: 'ec2:DescribeImages', resource: '*' }],
      run: (input) => {
        heard.push(input);
        return {
          Images: [
            {
              ImageId: 'ami-1',
              Public: false,
              Tags: [{ Key: 'k', Value: 'ä & <b>' }],
              BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, Encrypted: true } }],
            },
            { ImageId: 'ami-2', Tags: [] },
          ],
        };
      },
    },
  },
};

const account = new Account({
  directory,
  iam: {
    require: (principal, access) => {
      if (principal.role === 'nobody') throw new AwsError('AccessDenied', `not ${access.action}`, 403);
    },
    allows: () => true,
  },
  // biome-ignore lint/suspicious/noExplicitAny: no instance lives in these tests
  host: {} as any,
  services: {
    ec2: () => parrot,
    s3: s3Service,
    sts: stsService,
    kms: kmsService,
    sns: snsService,
    dynamodb: dynamodbService,
  },
});
const principals = new Principals();
const config = sdkConfig(account, principals, account.operator, REGION);
const nobody = { arn: 'arn:aws:sts::123456789012:assumed-role/nobody/x', role: 'nobody' };
const s3 = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' });
let server: Server;

beforeAll(async () => {
  server = await listen(account, principals);
});
afterAll(async () => {
  await server.close();
  await account.service<DynamoDb>('dynamodb', REGION).close();
  rmSync(directory, { recursive: true });
});

async function refusal(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'no refusal',
    (error) => `${error.name}: ${error.message}`,
  );
}

describe('EC2 on the wire', () => {
  const ec2 = new EC2Client(config);

  test('lists, booleans and nested structures arrive as they were sent', async () => {
    heard.length = 0;
    const input = {
      InstanceId: 'i-1',
      Name: 'a & b',
      NoReboot: true,
      TagSpecifications: [{ ResourceType: 'image' as const, Tags: [{ Key: 'k', Value: 'v w' }] }],
    };
    expect((await ec2.send(new CreateImageCommand(input))).ImageId).toBe('ami-1');
    expect(heard).toEqual([input]);
  });

  test('answers come back with numbers, booleans, entities and empty lists', async () => {
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], MaxResults: 5 }));
    expect(Images?.[0]?.Tags).toEqual([{ Key: 'k', Value: 'ä & <b>' }]);
    expect(Images?.[0]?.Public).toBe(false);
    expect(Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs).toEqual({ VolumeSize: 8, Encrypted: true });
    expect(Images?.map((image) => image.ImageId)).toEqual(['ami-1', 'ami-2']);
  });

  test('speaks over HTTP too', async () => {
    const { endpoint } = server;
    const { region, credentials } = config;
    const client = new EC2Client({ region, credentials, endpoint });
    expect((await client.send(new CreateImageCommand({ InstanceId: 'i', Name: 'n' }))).ImageId).toBe('ami-1');
    client.destroy();
  });

  test('a refusal keeps its name and words; a key that nobody has is refused', async () => {
    const client = new EC2Client(sdkConfig(account, principals, nobody, REGION));
    expect(await refusal(client.send(new DescribeImagesCommand({})))).toBe(
      'AccessDenied: not ec2:DescribeImages',
    );
    const stranger = new EC2Client({ ...config, credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' } });
    expect(await refusal(stranger.send(new DescribeImagesCommand({})))).toMatch(/^AuthFailure: /);
  });
});

describe('S3 on the wire', () => {
  test('keeps bytes, metadata and order of keys', async () => {
    account.service<S3>('s3', REGION).createBucket({ name: 'plain' });
    for (const Key of ['b/2', 'a ä/1', 'b/1'])
      await s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body: Key, Metadata: { of: 'x' } }));
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a ä/1' }));
    expect(await got.Body?.transformToString()).toBe('a ä/1');
    expect(got.Metadata).toEqual({ of: 'x' });
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'b/' }));
    expect(listed.Contents?.map((object) => object.Key)).toEqual(['b/1', 'b/2']);
    await s3.send(
      new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects: [{ Key: 'b/1' }, { Key: 'b/2' }] } }),
    );
    expect((await s3.send(new ListObjectsV2Command({ Bucket: 'plain' }))).KeyCount).toBe(1);
  });

  test('says what is not there', async () => {
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'no' })))).toMatch(
      /^NoSuchKey/,
    );
    expect(await refusal(s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'no' })))).toMatch(
      /^NotFound/,
    );
    expect(await refusal(s3.send(new GetObjectCommand({ Bucket: 'none', Key: 'no' })))).toMatch(
      /^NoSuchBucket/,
    );
  });

  test('under Object Lock a checksum is demanded, checked, and the version stays', async () => {
    const bucket = account.service<S3>('s3', REGION).createBucket({
      name: 'locked',
      versioning: true,
      retention: { mode: 'COMPLIANCE', days: 1 },
    });
    const place = { Bucket: 'locked', Key: 'k' };
    expect(await refusal(s3.send(new PutObjectCommand({ ...place, Body: 'x' })))).toMatch(/^InvalidRequest/);
    const wrong = { ...place, Body: 'x', ChecksumSHA256: 'AAAA' };
    expect(await refusal(s3.send(new PutObjectCommand(wrong)))).toMatch(/^BadDigest/);
    expect(bucket.objects.size).toBe(0);
    const put = await s3.send(new PutObjectCommand({ ...place, Body: 'x', ChecksumAlgorithm: 'SHA256' }));
    const version = { ...place, VersionId: put.VersionId };
    expect(await refusal(s3.send(new DeleteObjectCommand(version)))).toMatch(/^AccessDenied.*object lock/);
    await s3.send(new DeleteObjectCommand(place));
    expect(await refusal(s3.send(new GetObjectCommand(place)))).toMatch(/^NoSuchKey/);
    expect(bucket.objects.get('k')?.[0]?.size).toBe(1);
  });

  test('a signed URL works for anyone, once signed, until it expires, for what was signed', async () => {
    const { region, credentials } = config;
    const client = new S3Client({
      region,
      credentials,
      endpoint: server.endpoint,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const put = new PutObjectCommand({ Bucket: 'plain', Key: 'up' });
    const signingDate = new Date(account.clock.now());
    const url = await getSignedUrl(client, put, { expiresIn: 60, signingDate });
    expect((await fetch(url, { method: 'PUT', body: 'bytes' })).status).toBe(200);
    expect((await fetch(url.replace('/up?', '/other?'), { method: 'PUT', body: 'bytes' })).status).toBe(403);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'up' }));
    expect(await got.Body?.transformToString()).toBe('bytes');
    await account.clock.sleep(61_000);
    const late = await fetch(url, { method: 'PUT', body: 'late' });
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});

describe('the smaller services on the wire', () => {
  test('STS says who is calling', async () => {
    const sts = new STSClient(sdkConfig(account, principals, nobody, REGION));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(nobody.arn);
  });

  test('KMS knows its keys and no others', async () => {
    account.service<Kms>('kms', REGION).createKey('1234');
    const kms = new KMSClient(config);
    expect((await kms.send(new DescribeKeyCommand({ KeyId: '1234' }))).KeyMetadata?.Enabled).toBe(true);
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'x' })))).toMatch(/^NotFoundException/);
  });

  test('SNS keeps what was published and refuses what is too long', async () => {
    const sns = account.service<Sns>('sns', REGION);
    const TopicArn = sns.createTopic('topic');
    const client = new SNSClient(config);
    await client.send(new PublishCommand({ TopicArn, Subject: 's', Message: 'm' }));
    expect(sns.published.map(({ subject, message }) => [subject, message])).toEqual([['s', 'm']]);
    const long = new PublishCommand({ TopicArn, Message: 'x'.repeat(262_145) });
    expect(await refusal(client.send(long))).toMatch(/^InvalidParameter/);
  });

  test('DynamoDB keeps items and its own refusals', async () => {
    await account.service<DynamoDb>('dynamodb', REGION).createTable({
      TableName: 'items',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    const client = new DynamoDBClient(config);
    const put = { TableName: 'items', Item: { id: { S: '1' }, b: { B: new Uint8Array([1, 2]) } } };
    await client.send(new PutItemCommand(put));
    const { Item } = await client.send(new GetItemCommand({ TableName: 'items', Key: { id: { S: '1' } } }));
    expect(Item?.b?.B).toEqual(new Uint8Array([1, 2]));
    const again = new PutItemCommand({ ...put, ConditionExpression: 'attribute_not_exists(id)' });
    expect(await refusal(client.send(again))).toMatch(/^ConditionalCheckFailedException/);
  });
});
