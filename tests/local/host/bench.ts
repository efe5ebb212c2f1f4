import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Clock } from '../../../local/clock.ts';
import { LocalHost, type LocalHostOptions } from '../../../local/host/localHost.ts';
import { readScript } from '../../../resources/documents/plugin.ts';

export const ROOT = 'vol-0aaaaaaaa';
export const DATA = ['vol-0bbbbbbbb', 'vol-0cccccccc'] as const;
/** One path on the root volume, one on each data volume. */
export const PATHS = '/srv /data1 /data2';

/** The text of a document's script. */
export async function script(name: string): Promise<string> {
  return readScript(join(import.meta.dirname, '../../../resources/documents'), name);
}

/** A host with a place for uploads; `close` leaves nothing behind. */
export class Bench {
  readonly clock = new Clock();
  readonly host: LocalHost;
  readonly directory: string;
  /** The last upload. */
  uploaded: Buffer | undefined;
  /** What a GET is answered with. */
  download = Buffer.alloc(0);
  url = '';
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'PUT') this.uploaded = Buffer.concat(chunks);
      response.end(request.method === 'GET' ? this.download : undefined);
    });
  });

  private constructor(directory: string, options: LocalHostOptions) {
    this.directory = directory;
    this.host = new LocalHost(directory, this.clock, options);
  }

  static async open(options: LocalHostOptions = {}): Promise<Bench> {
    const directory = await mkdtemp(join(tmpdir(), 'bench-'));
    let bench: Bench;
    try {
      bench = new Bench(directory, options);
    } catch (error) {
      await rm(directory, { recursive: true });
      throw error;
    }
    await new Promise<void>((resolve) => bench.#server.listen(0, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = bench.#server.address();
    bench.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/object`;
    return bench;
  }

  async close(): Promise<void> {
    await this.host.dispose();
    this.#server.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A booted instance with blank data volumes. */
  async launch(instanceId = 'i-source'): Promise<void> {
    await this.host.createBaseImage('snap-base');
    await this.host.createVolume(ROOT, 'snap-base');
    for (const volumeId of DATA) await this.host.createBlankVolume(volumeId);
    await this.host.boot({ instanceId, rootVolumeId: ROOT, volumeIds: [...DATA] });
  }

  async run(text: string, environment: Record<string, string> = {}, instanceId = 'i-source') {
    return await this.host.run(instanceId, text, environment, { canReachS3: true });
  }

  /** Runs a document that has to succeed. Returns its result. */
  async document(name: string, parameters: Record<string, string>, instanceId = 'i-source') {
    const environment = Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [`SSM_${key}`, value]),
    );
    const outcome = await this.run(await script(name), environment, instanceId);
    if (outcome.exitCode !== 0) throw new Error(`${name}: ${outcome.stderr}`);
    return JSON.parse(outcome.stdout.trimEnd().split('\n').at(-1) ?? '');
  }

  /** Writes the built-in set, or what is unpacked from `download`, on every path. */
  async seed(downloadUrl = '') {
    const volumes = `${DATA[0]}=/data1 ${DATA[1]}=/data2`;
    return await this.document('seed-data', { Volumes: volumes, Paths: PATHS, DownloadUrl: downloadUrl });
  }

  /** The records of a manifest that is read now, without the ones that say when. */
  async manifest(instanceId = 'i-source', paths = PATHS, nonce = ''): Promise<string[]> {
    await this.document('read-manifest', { Paths: paths, UploadUrl: this.url, Nonce: nonce }, instanceId);
    return this.records().slice(1);
  }

  /** All records of the last upload; bytes are kept as latin1 characters. */
  records(): string[] {
    return gunzipSync(this.uploaded ?? Buffer.alloc(0))
      .toString('latin1')
      .split('\0')
      .slice(0, -1);
  }

  /** Snapshots of all volumes, as a backup takes them. */
  async backUp(name: string): Promise<void> {
    for (const volumeId of [ROOT, ...DATA])
      await this.host.snapshotVolume(volumeId, `snap-${name}-${volumeId}`);
  }

  /** A new instance from a backup's snapshots. */
  async restore(name: string, instanceId: string): Promise<void> {
    const volumes = [ROOT, ...DATA].map((volumeId) => `${volumeId}${instanceId.replace(/\W/g, '')}`);
    for (const [index, volumeId] of volumes.entries())
      await this.host.createVolume(volumeId, `snap-${name}-${[ROOT, ...DATA][index]}`);
    const [rootVolumeId = '', ...volumeIds] = volumes;
    await this.host.boot({ instanceId, rootVolumeId, volumeIds });
  }
}

/** What two manifests have that the other has not, by path: hashes, modes, owners, times and all. */
export function differences(before: string[], after: string[]): string[] {
  const [left, right] = [new Set(before), new Set(after)];
  const unlike = [...before.filter((one) => !right.has(one)), ...after.filter((one) => !left.has(one))];
  return [...new Set(unlike.map((record) => record.slice(record.indexOf('./') + 1)))].sort();
}
