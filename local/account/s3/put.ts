import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { PutObjectRequest } from '@aws-sdk/client-s3';
import { AwsError } from '../service.ts';
import type { Bucket } from './buckets.ts';

/** What was learnt of a body while it was written. */
export interface Written {
  size: number;
  etag: string;
  sha1: string;
  sha256: string;
  crc32: string;
}

/** Streams a body into a file, digesting it on the way. */
export async function writeBody(body: AsyncIterable<Uint8Array>, file: string): Promise<Written> {
  const md5 = createHash('md5');
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let crc = 0;
  let size = 0;
  async function* digested() {
    for await (const chunk of body) {
      md5.update(chunk);
      sha1.update(chunk);
      sha256.update(chunk);
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(Readable.from(digested()), createWriteStream(file));
  const crcBytes = Buffer.alloc(4);
  crcBytes.writeUInt32BE(crc);
  return {
    size,
    etag: md5.digest('hex'),
    sha1: sha1.digest('base64'),
    sha256: sha256.digest('base64'),
    crc32: crcBytes.toString('base64'),
  };
}

/**
 * Asked when the body is there, since a streamed upload tells its checksum after it. @throws AwsError InvalidRequest:
 * under Object Lock an upload must say what its bytes are; NotImplemented: by a checksum that is not computed here.
 */
export function requireChecksum(bucket: Bucket, input: PutObjectRequest): void {
  if (input.ChecksumCRC32C ?? input.ChecksumCRC64NVME)
    throw new AwsError('NotImplemented', 'CRC32C and CRC64NVME are not simulated; use SHA256', 501);
  const told = input.ContentMD5 ?? input.ChecksumSHA256 ?? input.ChecksumSHA1 ?? input.ChecksumCRC32;
  if (bucket.options.retention && !told)
    throw new AwsError(
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
}

/** @throws AwsError BadDigest when the bytes are not the ones that were announced. */
export function requireBytes(input: PutObjectRequest, written: Written): void {
  const hexMd5 = input.ContentMD5 ? Buffer.from(input.ContentMD5, 'base64').toString('hex') : undefined;
  const faults = [
    hexMd5 !== undefined && hexMd5 !== written.etag && 'Content-MD5',
    input.ChecksumSHA1 && input.ChecksumSHA1 !== written.sha1 && 'SHA1',
    input.ChecksumSHA256 && input.ChecksumSHA256 !== written.sha256 && 'SHA256',
    input.ChecksumCRC32 && input.ChecksumCRC32 !== written.crc32 && 'CRC32',
    input.ContentLength !== undefined && input.ContentLength !== written.size && 'length',
  ].filter((fault) => typeof fault === 'string');
  if (faults.length === 0) return;
  throw new AwsError(
    'BadDigest',
    `The ${faults.join(' and ')} you specified did not match what we received.`,
  );
}
