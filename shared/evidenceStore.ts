import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Fingerprint, fingerprint } from './fingerprint.ts';

/** Where a backup keeps what it needs beside the image, in the evidence bucket. `name` is a file's: `fingerprint.json`. */
export function pointKey(resource: string, runId: string, name: string): string {
  return `points/${resource}/${runId}/${name}`;
}

/** User data stands beside the fingerprint that holds its hash: encrypted, and read by a restore that keeps it only. */
export function userDataKey(fingerprintKey: string): string {
  return fingerprintKey.replace(/[^/]*$/, 'user-data');
}

/** Writes an object to the locked bucket, which demands a checksum. Repeating it adds a version. */
export async function keep(
  s3: S3Client,
  place: { bucket: string; key: string },
  body: string | Uint8Array,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: place.bucket, Key: place.key, Body: body, ChecksumAlgorithm: 'SHA256' }),
  );
}

export async function readKept(s3: S3Client, place: { bucket: string; key: string }): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

/** The launch fingerprint that a backup kept. @throws ZodError when it is not one. */
export async function readFingerprint(
  s3: S3Client,
  place: { bucket: string; key: string },
): Promise<Fingerprint> {
  return fingerprint.parse(JSON.parse(Buffer.from(await readKept(s3, place)).toString('utf8')));
}
