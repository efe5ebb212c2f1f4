import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Downloads a run's evidence to `<directory>/<run>.json`. @returns that path. */
export async function downloadEvidence(
  s3: S3Client,
  from: { bucket: string; key: string },
  directory: string,
  run: string,
): Promise<string> {
  const found = await s3.send(new GetObjectCommand({ Bucket: from.bucket, Key: from.key }));
  const text = (await found.Body?.transformToString()) ?? '';
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${run}.json`);
  await writeFile(path, text);
  return path;
}
