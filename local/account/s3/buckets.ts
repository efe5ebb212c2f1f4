import { AwsError } from '../service.ts';

/** How long a bucket under Object Lock keeps each new version. */
export interface Retention {
  mode: 'GOVERNANCE' | 'COMPLIANCE';
  days: number;
}

/** A bucket as the template makes it. */
export interface BucketOptions {
  name: string;
  versioning?: boolean;
  retention?: Retention;
  /** The KMS key that objects are encrypted with when the caller names none. */
  keyArn?: string;
}

/** One version of an object; its bytes are in a file. */
export interface Version {
  versionId: string;
  /** Undefined is a delete marker. */
  file?: string;
  size: number;
  etag: string;
  modified: Date;
  metadata: Record<string, string>;
  contentType?: string;
  sha256?: string;
  crc32?: string;
  lockedUntil?: Date;
  lockMode?: Retention['mode'];
}

export class Bucket {
  readonly options: BucketOptions;
  /** Versions by key, the newest last. */
  readonly objects = new Map<string, Version[]>();

  constructor(options: BucketOptions) {
    this.options = options;
  }

  /** A version of a key, the newest unless told. @throws AwsError NoSuchKey, also when it was deleted; NoSuchVersion. */
  current(key: string, versionId?: string): Version & { file: string } {
    const versions = this.objects.get(key);
    const version = versionId ? versions?.find((one) => one.versionId === versionId) : versions?.at(-1);
    if (!version && versionId)
      throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
    if (!version?.file) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return { ...version, file: version.file };
  }

  /** Keys that hold something, in S3's order of bytes. */
  keys(prefix: string): string[] {
    const held = [...this.objects].filter(
      ([key, versions]) => key.startsWith(prefix) && versions.at(-1)?.file,
    );
    return held.map(([key]) => key).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}
