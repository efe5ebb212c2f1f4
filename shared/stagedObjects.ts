import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** Where a run's manifests and data lie in the staging bucket. */
export function stagingPrefix(runId: string): string {
  return `runs/${runId}/`;
}

/** Keys of everything that a run has in the staging bucket. */
export async function stagedKeys(s3: S3Client, bucket: string, runId: string): Promise<string[]> {
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: stagingPrefix(runId) });
  for await (const page of pages)
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
  return keys;
}

/** Deletes objects. @returns what could not be deleted, with the reason. */
export async function deleteStaged(
  s3: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<{ key: string; reason: string }[]> {
  const refused: { key: string; reason: string }[] = [];
  const most = 1000; // objects a call
  for (let at = 0; at < keys.length; at += most) {
    const Objects = keys.slice(at, at + most).map((Key) => ({ Key }));
    const request = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors } = await s3.send(request);
    for (const { Key = '', Code = 'refused' } of Errors ?? []) refused.push({ key: Key, reason: Code });
  }
  return refused;
}
