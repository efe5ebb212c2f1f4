import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { fetchManifest, objectLocation } from '../../shared/manifestObject.ts';
import { task } from '../../shared/task.ts';

/**
 * Checks a manifest that an instance uploaded to the staging bucket and copies it to the evidence bucket, where it is
 * locked. `name` tells a run's manifests apart (`reference`, `restored`). `sha256` is of the stored, gzipped object.
 * @throws ManifestInvalid when it is missing, truncated or not a manifest.
 */
export const storeManifest = task({
  name: 'StoreManifest',
  input: v.object({
    runId: v.string(),
    name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
    source: objectLocation,
  }),
  output: v.object({
    ...objectLocation.entries,
    sha256: v.string(),
    entries: v.number(),
    files: v.number(),
    /** Sum of the sizes of all regular files. */
    bytes: v.number(),
    /** ISO 8601, by the instance's clock. */
    takenAt: v.string(),
  }),
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ runId, name, source }, { aws, config }) => {
    const { bytes, manifest } = await fetchManifest(aws.s3, source);
    const hash = createHash('sha256').update(bytes).digest();
    const key = `manifests/${runId}/${name}.gz`;
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: config.evidenceBucket,
        Key: key,
        Body: bytes,
        ContentType: 'application/gzip',
        // A bucket under Object Lock takes nothing without a checksum.
        ChecksumSHA256: hash.toString('base64'),
      }),
    );
    return {
      bucket: config.evidenceBucket,
      key,
      sha256: hash.toString('hex'),
      entries: manifest.entries.size,
      files: manifest.hashed,
      bytes: manifest.bytes,
      takenAt: new Date(manifest.takenAt * 1000).toISOString(),
    };
  },
});
