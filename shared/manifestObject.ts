import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { isNamed } from './awsErrors.ts';
import { ManifestInvalid } from './errors.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** Where an object lies. */
export const objectLocation = v.object({ bucket: v.string(), key: v.string() });
export type ObjectLocation = v.InferOutput<typeof objectLocation>;

/**
 * Fetches a gzipped manifest and parses it. The compressed bytes stay in memory (200,000 entries: about 15 MB), the
 * unpacked ones pass through. @throws ManifestInvalid when it is missing, truncated or not a manifest.
 */
export async function fetchManifest(
  s3: S3Client,
  location: ObjectLocation,
): Promise<{ bytes: Uint8Array; manifest: Manifest }> {
  const where = `s3://${location.bucket}/${location.key}`;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
    if (!Body) throw new ManifestInvalid(`${where} is empty`);
    const bytes = await Body.transformToByteArray();
    // Fed in pieces, so that the unpacked text does not stand in memory as a whole.
    const manifest = await pipeline(piecesOf(bytes), createGunzip(), readManifest);
    return { bytes, manifest };
  } catch (error) {
    if (isNamed(error, 'NoSuchKey')) throw new ManifestInvalid(`${where} was never uploaded`);
    if (isPackingFault(error)) throw new ManifestInvalid(`${where} is truncated or damaged: ${error.code}`);
    if (error instanceof ManifestInvalid) throw new ManifestInvalid(`${where}: ${error.message}`);
    throw error;
  }
}

/** Whether zlib could not unpack what it was given: `Z_BUF_ERROR` where it was cut, `Z_DATA_ERROR` where it is wrong. */
function isPackingFault(error: unknown): error is { code: string } {
  const named = typeof error === 'object' && error !== null && 'code' in error;
  return named && typeof error.code === 'string' && error.code.startsWith('Z_');
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 64 * 1024;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
