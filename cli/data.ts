import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { interruptible, NOTHING_STARTED } from './interrupt.ts';
import { UsageError } from './usage.ts';

/** A directory packed for a drill. */
export interface PackedData {
  directory: string;
  bytes: number;
  /** What `find` counts in it, the directory itself included; sockets are left out, as tar does. */
  entries: number;
  upload(s3: S3Client, bucket: string, key: string): Promise<void>;
  remove(): Promise<void>;
}

const LARGEST_OBJECT = 5 * 1024 ** 3; // S3's limit for one PutObject

/** Packs a directory with tar, as it is: every name, mode, owner and link. @throws UsageError when it cannot be read. */
export async function packData(directory: string): Promise<PackedData> {
  await checkDirectory(directory);
  const place = await mkdtemp(join(tmpdir(), 'backup-drill-data-'));
  const remove = () => rm(place, { recursive: true, force: true });
  const archive = join(place, 'data.tar');
  try {
    const pack = () => tar(directory, archive).then(() => count(directory));
    const entries = await interruptible(pack, { text: () => NOTHING_STARTED, tidy: remove });
    const { size } = await stat(archive);
    if (size > LARGEST_OBJECT)
      throw new UsageError(`--data ${directory}: more than 5 GB; give a smaller directory`);
    return {
      directory,
      bytes: size,
      entries,
      remove,
      upload: (s3, bucket, key) => upload(archive, size, s3, bucket, key),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found) throw new UsageError(`--data ${directory}: there is no such directory`);
  if (!found.isDirectory()) throw new UsageError(`--data ${directory}: is not a directory`);
  await access(directory, constants.R_OK | constants.X_OK).catch(() => {
    throw new UsageError(`--data ${directory}: cannot be read by you`);
  });
}

async function tar(directory: string, archive: string): Promise<void> {
  const options = ['--create', '--sparse', '--numeric-owner', '--file', archive];
  const { code, errors } = await run('tar', [...options, '--directory', directory, '.']);
  if (code === 0) return;
  const line = errors.find((each) => !each.includes('socket ignored')) ?? `tar ended with ${code}`;
  throw new UsageError(`--data ${directory}: ${line.replace(/^tar: /, '')}`);
}

/** A trailing slash follows a link to a directory, as tar's --directory does. */
async function count(directory: string): Promise<number> {
  const { output } = await run('find', [join(directory, '/'), '!', '-type', 's', '-printf', '.']);
  return output.length;
}

async function run(
  program: string,
  args: string[],
): Promise<{ code: number | null; output: string; errors: string[] }> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [output, said, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
  ]);
  return { code, output, errors: said.split('\n') };
}

async function upload(
  archive: string,
  size: number,
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(archive), ContentLength: size }),
  );
}
