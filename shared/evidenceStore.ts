import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { ResourceNotFound } from './errors.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { parsed } from './parsed.ts';

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

/** How an instance was launched, as a backup kept it, and where its user data lies if it has any. */
export interface KeptLaunch {
  fingerprint: Fingerprint;
  userDataKey: string;
}

/** What a batch keeps of each of its instances, in one object, by instance id. */
export const keptLaunches = v.record(
  v.string(),
  v.object({ fingerprint, userDataKey: v.optional(v.string()) }),
);

/**
 * The launch that a backup kept, under the key that stands on its point: an object of its own, or, as
 * `<key>#<instance>`, a part of a batch's. @throws ValiError when it is not one; ResourceNotFound when it is not in it.
 */
export async function readLaunch(
  s3: S3Client,
  { bucket, key }: { bucket: string; key: string },
): Promise<KeptLaunch> {
  const [object = key, instanceId] = key.split('#');
  const kept: unknown = JSON.parse(Buffer.from(await readKept(s3, { bucket, key: object })).toString('utf8'));
  if (instanceId === undefined)
    return { fingerprint: parsed(fingerprint, kept), userDataKey: userDataKey(key) };
  const found = parsed(keptLaunches, kept)[instanceId];
  if (!found) throw new ResourceNotFound(`${object} holds no launch of ${instanceId}`);
  return { fingerprint: found.fingerprint, userDataKey: found.userDataKey ?? '' };
}
