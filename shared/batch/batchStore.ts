import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { unlessNotFound } from '../awsErrors.ts';
import { instant } from '../instant.ts';
import { parsed } from '../parsed.ts';
import { type Batch, batch } from './batch.ts';
import { type BatchLaunch, batchLaunch } from './launches.ts';
import type { BatchReference } from './reference.ts';

const attempt = v.object({ at: instant });

/** Where lists that are too long for a machine's state lie, in the staging bucket; they are kept for a week. */
export function listKey(runId: string, name: string): string {
  return `batches/${runId}/${name}.json.gz`;
}

/** Writes a list as gzipped JSON. */
export async function writeList(
  s3: S3Client,
  place: { bucket: string; key: string },
  value: object,
): Promise<void> {
  const Body = gzipSync(JSON.stringify(value), { level: 4 });
  await s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: place.key, Body }));
}

/** Reads what `writeList` wrote. @throws ValiError when it is not of this shape. */
export async function readList<Schema extends v.GenericSchema>(
  s3: S3Client,
  place: { bucket: string; key: string },
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  return parsed(schema, JSON.parse(gunzipSync(bytes).toString('utf8')));
}

export async function writeBatch(s3: S3Client, bucket: string, value: Batch): Promise<void> {
  await writeList(s3, { bucket, key: listKey(value.runId, value.name) }, value);
}

export async function readBatch(
  s3: S3Client,
  bucket: string,
  { runId, name }: BatchReference,
): Promise<Batch> {
  return await readList(s3, { bucket, key: listKey(runId, name) }, batch);
}

/** All batches that a run's Regions have written. */
export async function batchesOf(
  s3: S3Client,
  bucket: string,
  runId: string,
  regions: readonly { batches: readonly { name: string }[] }[],
): Promise<Batch[]> {
  const names = regions.flatMap(({ batches }) => batches.map(({ name }) => name));
  return await Promise.all(names.map((name) => readBatch(s3, bucket, { runId, name })));
}

/** When an earlier try was about to capture an instance of a batch; undefined when none was. */
export async function readAttempt(
  s3: S3Client,
  bucket: string,
  reference: BatchReference,
  instanceId: string,
): Promise<string | undefined> {
  const place = { bucket, key: attemptKey(reference, instanceId) };
  const found = await unlessNotFound(readList(s3, place, attempt), 'NoSuchKey');
  return found?.at;
}

/** Writes that a capture is about to be asked for, since it might be begun and its answer lost. */
export async function writeAttempt(
  s3: S3Client,
  bucket: string,
  reference: BatchReference,
  { instanceId, at }: { instanceId: string; at: string },
): Promise<void> {
  await writeList(s3, { bucket, key: attemptKey(reference, instanceId) }, { at });
}

function attemptKey({ runId, name }: BatchReference, instanceId: string): string {
  return listKey(runId, `${name}/attempts/${instanceId}`);
}

/** Where the outcomes of one group of a batch lie. */
export function groupKey({ runId, name }: BatchReference, group: number): string {
  return listKey(runId, `${name}/groups/${group}`);
}

/** Writes how the instances of a batch were launched. */
export async function writeLaunches(
  s3: S3Client,
  bucket: string,
  reference: BatchReference,
  launches: readonly BatchLaunch[],
): Promise<void> {
  await writeList(s3, { bucket, key: launchesKey(reference) }, launches);
}

export async function readLaunches(
  s3: S3Client,
  bucket: string,
  reference: BatchReference,
): Promise<BatchLaunch[]> {
  return await readList(s3, { bucket, key: launchesKey(reference) }, v.array(batchLaunch));
}

function launchesKey({ runId, name }: BatchReference): string {
  return listKey(runId, `${name}/launches`);
}
