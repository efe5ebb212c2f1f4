import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as v from 'valibot';

/** An object in the staging bucket. */
export const stagedObject = v.object({ bucket: v.string(), key: v.pipe(v.string(), v.minLength(1)) });
type StagedObject = v.InferOutput<typeof stagedObject>;

const LONGEST = 12 * 3600; // seconds; a URL dies with the role's credentials anyway

/**
 * Document parameters that let a command send or fetch one object each. The URLs are secrets: they go straight to
 * the command and never into a result or a log.
 */
export async function transferParameters(
  s3: S3Client,
  transfers: { upload?: StagedObject | undefined; download?: StagedObject | undefined },
  validSeconds: number,
): Promise<Record<string, string>> {
  const options = { expiresIn: Math.min(validSeconds, LONGEST) };
  const { upload, download } = transfers;
  const parameters: Record<string, string> = {};
  if (upload) {
    const put = new PutObjectCommand({ Bucket: upload.bucket, Key: upload.key });
    parameters.UploadUrl = await getSignedUrl(s3, put, options);
  }
  if (download) {
    const get = new GetObjectCommand({ Bucket: download.bucket, Key: download.key });
    parameters.DownloadUrl = await getSignedUrl(s3, get, options);
  }
  return parameters;
}
