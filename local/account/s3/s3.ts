import { createReadStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  DeleteObjectRequest,
  DeleteObjectsRequest,
  GetObjectRequest,
  HeadObjectRequest,
  ListObjectsV2Request,
  PutObjectRequest,
} from '@aws-sdk/client-s3';
import type { Account } from '../account.ts';
import { type Access, AwsError, type Operation, type Principal, type Service } from '../service.ts';
import { Bucket, type BucketOptions, type Version } from './buckets.ts';
import { requireBytes, requireChecksum, writeBody } from './put.ts';

const PAGE = 1000; // keys a page of ListObjectsV2 at most

/** S3 as far as manifests, test data and evidence need it. Bytes are files below the account's directory. */
export class S3 implements Service {
  #account: Account;
  #region: string;
  #buckets = new Map<string, Bucket>();
  #directory: string;
  #files = 0;

  constructor(account: Account, region: string) {
    this.#account = account;
    this.#region = region;
    this.#directory = join(account.directory, 'objects');
    mkdirSync(this.#directory, { recursive: true });
  }

  /** Makes a bucket, as CloudFormation does. */
  createBucket(options: BucketOptions): Bucket {
    const bucket = new Bucket(options);
    this.#buckets.set(options.name, bucket);
    return bucket;
  }

  /** @throws AwsError NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  }

  readonly operations: Record<string, Operation> = {
    PutObject: {
      access: (input: PutObjectRequest) => [
        ...this.#object('s3:PutObject', input),
        ...this.#key('kms:GenerateDataKey', input.Bucket, input.SSEKMSKeyId),
      ],
      run: (input) => this.#put(input),
    },
    GetObject: {
      access: (input: GetObjectRequest) => [
        ...this.#object(versioned('s3:GetObject', input), input),
        ...this.#key('kms:Decrypt', input.Bucket),
      ],
      run: (input: GetObjectRequest, { principal }) => {
        const version = this.#current(input, principal);
        this.#account.meter.add('s3:get', 1);
        return { ...described(version), Body: createReadStream(version.file) };
      },
    },
    HeadObject: {
      access: (input: HeadObjectRequest) => this.#object(versioned('s3:GetObject', input), input),
      run: (input: HeadObjectRequest, { principal }) => described(this.#current(input, principal)),
    },
    ListObjectsV2: {
      access: (input: ListObjectsV2Request) => [
        {
          action: 's3:ListBucket',
          resource: this.#arn(input.Bucket),
          ...(input.Prefix === undefined ? {} : { context: { 's3:prefix': input.Prefix } }),
        },
      ],
      run: (input) => this.#list(input),
    },
    DeleteObject: {
      access: (input: DeleteObjectRequest) => this.#object(versioned('s3:DeleteObject', input), input),
      run: (input: DeleteObjectRequest) => this.#delete(input.Bucket ?? '', input.Key ?? '', input.VersionId),
    },
    DeleteObjects: {
      access: () => [], // each object is asked for, and answered, by itself
      run: (input, { principal }) => this.#deleteEach(input, principal),
    },
  };

  /**
   * What a caller finds at a key. That nothing is there, S3 tells only to who may list the bucket; the request names no
   * prefix, so that a right to list with a condition on `s3:prefix` is not counted on here.
   * @throws AwsError AccessDenied, NoSuchKey, NoSuchVersion
   */
  #current({ Bucket, Key, VersionId }: GetObjectRequest, principal: Principal) {
    try {
      return this.bucket(Bucket ?? '').current(Key ?? '', VersionId);
    } catch (error) {
      const isMissing = error instanceof AwsError && error.code === 'NoSuchKey';
      const access = { action: 's3:ListBucket', resource: this.#arn(Bucket) };
      if (isMissing && !this.#account.iam.allows(principal, access))
        throw new AwsError('AccessDenied', 'Access Denied', 403);
      throw error;
    }
  }

  #arn(bucket: string | undefined, key?: string): string {
    const name = `arn:${this.#account.partition}:s3:::${bucket}`;
    return key === undefined ? name : `${name}/${key}`;
  }

  #object(action: string, input: { Bucket: string | undefined; Key: string | undefined }): Access[] {
    return [
      {
        action,
        resource: this.#arn(input.Bucket, input.Key ?? ''),
        context: { 'aws:SecureTransport': 'true' },
      },
    ];
  }

  /** What the caller must be allowed to do with the key of a bucket that is encrypted with one. */
  #key(action: string, bucket: string | undefined, named?: string): Access[] {
    const key = named ?? this.#buckets.get(bucket ?? '')?.options.keyArn;
    if (!key) return [];
    return [{ action, resource: key, context: { 'kms:ViaService': `s3.${this.#region}.amazonaws.com` } }];
  }

  async #put(input: PutObjectRequest & { Body: AsyncIterable<Uint8Array> }) {
    const bucket = this.bucket(input.Bucket ?? '');
    const file = join(this.#directory, String(this.#files++));
    const written = await writeBody(input.Body, file);
    try {
      requireChecksum(bucket, input);
      requireBytes(input, written);
    } catch (error) {
      await rm(file); // what is refused is not kept
      throw error;
    }
    this.#account.meter.add('s3:put', 1);
    const { versioning, retention, keyArn } = bucket.options;
    const now = this.#account.clock.now();
    const version: Version = {
      ...written,
      versionId: versioning ? `version-${this.#files}` : 'null',
      file,
      modified: new Date(now),
      metadata: input.Metadata ?? {},
      ...(input.ContentType ? { contentType: input.ContentType } : {}),
      ...(retention && {
        lockMode: retention.mode,
        lockedUntil: new Date(now + retention.days * 86_400_000),
      }),
    };
    const key = input.Key ?? '';
    bucket.objects.set(key, versioning ? [...(bucket.objects.get(key) ?? []), version] : [version]);
    return {
      ETag: `"${version.etag}"`,
      ...(versioning && { VersionId: version.versionId }),
      ...(keyArn && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn }),
    };
  }

  #list(input: ListObjectsV2Request) {
    const bucket = this.bucket(input.Bucket ?? '');
    const after = input.ContinuationToken ?? input.StartAfter ?? '';
    const keys = bucket.keys(input.Prefix ?? '').filter((key) => key > after);
    const size = Math.min(input.MaxKeys ?? PAGE, PAGE);
    const page = keys.slice(0, size);
    const more = keys.length > size;
    return {
      Name: input.Bucket,
      Prefix: input.Prefix ?? '',
      KeyCount: page.length,
      MaxKeys: size,
      IsTruncated: more,
      ...(more && { NextContinuationToken: page.at(-1) }),
      Contents: page.map((key) => {
        const { size: Size, etag, modified } = bucket.current(key);
        return { Key: key, Size, ETag: `"${etag}"`, LastModified: modified };
      }),
    };
  }

  /** One object that cannot be deleted never keeps the others from it: S3 answers item by item. */
  #deleteEach(input: DeleteObjectsRequest, principal: Principal) {
    this.bucket(input.Bucket ?? '');
    const Deleted: object[] = [];
    const Errors: object[] = [];
    for (const object of input.Delete?.Objects ?? []) {
      const [access] = this.#object(versioned('s3:DeleteObject', object), {
        ...object,
        Bucket: input.Bucket,
      });
      try {
        if (access && !this.#account.iam.allows(principal, access))
          throw new AwsError('AccessDenied', 'Access Denied', 403);
        this.#delete(input.Bucket ?? '', object.Key ?? '', object.VersionId);
        if (!input.Delete?.Quiet) Deleted.push(object);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Errors.push({ ...object, Code: error.code, Message: error.message });
      }
    }
    return { Deleted, Errors };
  }

  #delete(name: string, key: string, versionId: string | undefined) {
    const bucket = this.bucket(name);
    const versions = bucket.objects.get(key) ?? [];
    const now = new Date(this.#account.clock.now());
    if (versionId) {
      const version = versions.find((one) => one.versionId === versionId);
      if (version?.lockedUntil && version.lockedUntil > now)
        throw new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);
      bucket.objects.set(
        key,
        versions.filter((one) => one !== version),
      );
      return { VersionId: versionId, ...(version && !version.file && { DeleteMarker: true }) };
    }
    if (bucket.options.versioning) {
      const marker = { versionId: `marker-${this.#files++}`, size: 0, etag: '', modified: now, metadata: {} };
      bucket.objects.set(key, [...versions, marker]);
      return { DeleteMarker: true, VersionId: marker.versionId };
    }
    bucket.objects.delete(key);
    return {};
  }
}

/** The action that IAM is asked for: a version that is named is a right of its own. */
function versioned(action: string, input: { VersionId?: string | undefined }): string {
  return input.VersionId ? `${action}Version` : action;
}

function described(version: Version) {
  return {
    ContentLength: version.size,
    ETag: `"${version.etag}"`,
    LastModified: version.modified,
    Metadata: version.metadata,
    ...(version.contentType && { ContentType: version.contentType }),
    ...(version.versionId !== 'null' && { VersionId: version.versionId }),
    ...(version.lockMode && { ObjectLockMode: version.lockMode }),
    ...(version.lockedUntil && { ObjectLockRetainUntilDate: version.lockedUntil }),
  };
}

export function s3Service(account: Account, region: string): S3 {
  return new S3(account, region);
}
