import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type ChecksumAlgorithm,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Account } from '../../../../local/account/account.ts';
import { type S3, s3Service } from '../../../../local/account/s3/s3.ts';
import { type Access, AwsError, type Principal } from '../../../../local/account/service.ts';
import { stsService } from '../../../../local/account/sts/sts.ts';
import { Clock } from '../../../../local/clock.ts';
import { sdkConfig } from '../../../../local/wire/inProcess.ts';
import { Principals } from '../../../../local/wire/principals.ts';
import { listen, type Server } from '../../../../local/wire/server.ts';

const REGION = 'eu-west-1';
const START = Date.parse('2026-01-01T00:00:00Z');
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1';
const directory = mkdtempSync(join(tmpdir(), 's3-'));
const role: Principal = { arn: 'arn:aws:sts::123456789012:assumed-role/r/s', role: 'r' };
let denied = (_access: Access) => false;
const iam = {
  allows: (_: Principal, access: Access) => !denied(access),
  require: (_: Principal, access: Access) => {
    if (denied(access)) throw new AwsError('AccessDenied', `not ${access.action}`, 403);
  },
};
const echo = {
  operations: {
    Invoke: {
      access: () => [],
      run: (input: { FunctionName: string; Payload: Uint8Array }) => ({
        StatusCode: 200,
        FunctionError: 'Unhandled',
        Payload: Buffer.from(`${input.FunctionName} ${Buffer.from(input.Payload).toString()}`),
      }),
    },
  },
};
const account = new Account({
  directory,
  clock: new Clock({ start: START }),
  iam,
  // biome-ignore lint/suspicious/noExplicitAny: no instance lives in these tests
  host: {} as any,
  services: { s3: s3Service, sts: stsService, lambda: () => echo },
});
const principals = new Principals();
const inProcess = sdkConfig(account, principals, role, REGION);
let server: Server;
const overHttp = () => ({
  region: REGION,
  endpoint: server.endpoint,
  credentials: principals.issue(role),
});
const clients: [string, () => S3Client][] = [
  ['in process', () => new S3Client({ ...inProcess, forcePathStyle: true })],
  ['over HTTP', () => new S3Client({ ...overHttp(), forcePathStyle: true, maxAttempts: 1 })],
];

beforeAll(async () => {
  server = await listen(account, principals);
  const s3 = account.service<S3>('s3', REGION);
  s3.createBucket({ name: 'plain' });
  s3.createBucket({ name: 'versions', versioning: true });
  s3.createBucket({ name: 'secret', keyArn: KEY });
  s3.createBucket({ name: 'locked', versioning: true, retention: { mode: 'GOVERNANCE', days: 1 } });
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

async function refusal(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'no refusal',
    (error) => error.name,
  );
}

async function text(s3: S3Client, place: { Bucket: string; Key: string; VersionId?: string | undefined }) {
  const { VersionId, ...rest } = place;
  const got = await s3.send(new GetObjectCommand({ ...rest, ...(VersionId && { VersionId }) }));
  return await got.Body?.transformToString();
}

describe.each(clients)('S3 %s', (_, client) => {
  test('a streamed upload, its checksum after it, is kept whole', async () => {
    const s3 = client();
    const Body = Readable.from([Buffer.alloc(70_000, 'a'), Buffer.from('b')]);
    const place = { Bucket: 'plain', Key: 'stream' };
    await s3.send(new PutObjectCommand({ ...place, Body, ContentLength: 70_001 }));
    expect(await text(s3, place)).toBe(`${'a'.repeat(70_000)}b`);
    const under = { Bucket: 'locked', Key: 'stream', ContentLength: 1 };
    const put = new PutObjectCommand({ ...under, Body: Readable.from([Buffer.from('x')]) });
    await s3.send(put);
    expect(await text(s3, { Bucket: 'locked', Key: 'stream' })).toBe('x');
  });

  test('an object under retention tells until when', async () => {
    const s3 = client();
    const place = { Bucket: 'locked', Key: 'told' };
    await s3.send(new PutObjectCommand({ ...place, Body: 'x', ChecksumAlgorithm: 'SHA256' }));
    const got = await s3.send(new GetObjectCommand(place));
    expect(got.ObjectLockRetainUntilDate).toEqual(new Date(START + 86_400_000));
    expect(got.LastModified).toEqual(new Date(START));
  });

  test('a named version is read, also behind a delete marker', async () => {
    const s3 = client();
    const place = { Bucket: 'versions', Key: 'k' };
    const { VersionId } = await s3.send(new PutObjectCommand({ ...place, Body: 'one' }));
    await s3.send(new PutObjectCommand({ ...place, Body: 'two' }));
    expect([await text(s3, place), await text(s3, { ...place, VersionId })]).toEqual(['two', 'one']);
    const marker = await s3.send(new DeleteObjectCommand(place));
    expect(marker).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
    expect(await refusal(text(s3, place))).toBe('NoSuchKey');
    expect(await text(s3, { ...place, VersionId })).toBe('one');
    expect(await refusal(text(s3, { ...place, VersionId: 'none' }))).toBe('NoSuchVersion');
  });

  test('that nothing is at a key is told only to who may list the bucket', async () => {
    const s3 = client();
    const place = { Bucket: 'versions', Key: 'nothing' };
    expect(await refusal(text(s3, place))).toBe('NoSuchKey');
    denied = ({ action }) => action === 's3:ListBucket';
    expect(await refusal(text(s3, place))).toBe('AccessDenied');
    denied = () => false;
  });

  test('objects are deleted one by one: a locked and a forbidden one stay, the others go', async () => {
    const s3 = client();
    const sum = { ChecksumAlgorithm: 'SHA256' } as const;
    const kept = await s3.send(new PutObjectCommand({ Bucket: 'locked', Key: 'kept', Body: 'x', ...sum }));
    await s3.send(new PutObjectCommand({ Bucket: 'locked', Key: 'theirs', Body: 'x', ...sum }));
    denied = ({ resource }) => resource.endsWith('/theirs');
    const Objects = [{ Key: 'kept', VersionId: kept.VersionId }, { Key: 'theirs' }, { Key: 'told' }];
    const { Deleted, Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'locked', Delete: { Objects } }),
    );
    denied = () => false;
    expect(Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([
      ['kept', 'AccessDenied'],
      ['theirs', 'AccessDenied'],
    ]);
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['told']);
    expect(await text(s3, { Bucket: 'locked', Key: 'theirs' })).toBe('x');
  });

  test.each<[ChecksumAlgorithm, string]>([
    ['CRC32', 'no refusal'],
    ['SHA1', 'no refusal'],
    ['SHA256', 'no refusal'],
    ['CRC32C', 'NotImplemented'],
    ['CRC64NVME', 'NotImplemented'],
  ])('a checksum is verified or refused, never believed: %s', async (ChecksumAlgorithm, expected) => {
    const put = new PutObjectCommand({ Bucket: 'locked', Key: 'sum', Body: 'x', ChecksumAlgorithm });
    expect(await refusal(client().send(put))).toBe(expected);
  });

  test('a refused upload leaves no bytes behind', async () => {
    const before = readdirSync(join(directory, 'objects')).length;
    const wrong = { Bucket: 'plain', Key: 'wrong', Body: 'x' };
    expect(await refusal(client().send(new PutObjectCommand({ ...wrong, ChecksumSHA1: 'AAAA' })))).toBe(
      'BadDigest',
    );
    expect(readdirSync(join(directory, 'objects'))).toHaveLength(before);
  });

  test('an encrypted bucket asks for its key, too', async () => {
    const s3 = client();
    const place = { Bucket: 'secret', Key: 'k' };
    await s3.send(new PutObjectCommand({ ...place, Body: 'x' }));
    denied = ({ action, resource }) => action.startsWith('kms:') && resource === KEY;
    const refused = [
      await refusal(s3.send(new PutObjectCommand({ ...place, Body: 'y' }))),
      await refusal(text(s3, place)),
    ];
    denied = () => false;
    expect(refused).toEqual(['AccessDenied', 'AccessDenied']);
    expect(await text(s3, place)).toBe('x');
  });
});

describe('the account over HTTP', () => {
  test('sends no date by which a client would leave virtual time, and what is not simulated is not retried', async () => {
    const sts = new STSClient({ ...overHttp(), maxAttempts: 3 });
    const error = await sts.send(new GetSessionTokenCommand({})).catch((refused) => refused);
    expect([error.name, error.$metadata.attempts]).toEqual(['NotSimulated', 1]);
    expect(sts.config.systemClockOffset).toBe(0);
    expect((await fetch(server.endpoint)).headers.get('date')).toBeNull();
  });

  test.each([
    ['in process', () => inProcess],
    ['over HTTP', overHttp],
  ])('invokes a function %s', async (_, settings) => {
    const lambda = new LambdaClient(settings());
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{"a":1}') }),
    );
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('f {"a":1}');
  });
});
