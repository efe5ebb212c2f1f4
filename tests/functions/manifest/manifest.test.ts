import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compareManifests } from '../../../functions/manifest/compareManifests.ts';
import { storeManifest } from '../../../functions/manifest/storeManifest.ts';
import { manifestBytes, type WrittenEntry } from '../../shared/manifestBytes.ts';
import { Simulated } from '../simulated.ts';

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.start();
});
afterEach(() => simulated.close());

const place = (key: string) => ({ bucket: 'staging', key: `runs/run-1/${key}` });
const upload = async (key: string, Body: Uint8Array) => {
  const { bucket: Bucket, key: Key } = place(key);
  await simulated.call('s3', 'PutObject', { Bucket, Key, Body: [Body] });
  return place(key);
};
const manifest = (key: string, entries: WrittenEntry[]) => upload(key, gzipSync(manifestBytes(entries)));
const store = (source: object) => simulated.run(storeManifest, { runId: 'run-1', name: 'backup', source });

describe('storeManifest', () => {
  test('keeps the very bytes, locked, and says what is in them', async () => {
    const packed = gzipSync(
      manifestBytes([
        { path: './srv', type: 'd' },
        { path: './srv/x', size: 42 },
      ]),
    );
    const stored = await store(await upload('m.gz', packed));
    expect(stored).toEqual({
      bucket: 'evidence',
      key: 'manifests/run-1/backup.gz',
      sha256: createHash('sha256').update(packed).digest('hex'),
      entries: 2,
      files: 1,
      bytes: 42,
      takenAt: '1970-01-01T00:16:40.000Z',
    });
    const { Body } = await simulated.call('s3', 'GetObject', { Bucket: 'evidence', Key: stored.key });
    expect(Buffer.concat(await Array.fromAsync<Buffer>(Body)).equals(packed)).toBe(true);
  });

  test('repeated, says the same', async () => {
    const source = await manifest('m.gz', [{ path: './x' }]);
    expect(await store(source)).toEqual(await store(source));
  });

  test.each<[string, () => Promise<object> | object, RegExp]>([
    ['was never uploaded', () => place('none.gz'), /was never uploaded/],
    ['is empty', () => upload('m.gz', Buffer.alloc(0)), /its end is missing|truncated/],
    [
      'was cut while it was packed',
      () => upload('m.gz', gzipSync(manifestBytes([{ path: './x' }])).subarray(0, -10)),
      /truncated or damaged/,
    ],
    [
      'was cut before it was packed',
      () => upload('m.gz', gzipSync(manifestBytes([{ path: './x' }]).subarray(0, -5))),
      /its end is missing/,
    ],
    ['is not packed', () => upload('m.gz', manifestBytes([{ path: './x' }])), /truncated or damaged/],
    ['is something else', () => upload('m.gz', gzipSync('hello\0')), /not a manifest: it begins with hello/],
  ])('refuses one that %s, and keeps nothing', async (_, source, words) => {
    await expect(store(await source())).rejects.toMatchObject({
      name: 'ManifestInvalid',
      message: expect.stringMatching(words),
    });
    const { Contents } = await simulated.call('s3', 'ListObjectsV2', { Bucket: 'evidence' });
    expect(Contents ?? []).toEqual([]);
  });
});

describe('compareManifests', () => {
  test('compares what is stored, and looks for the nonce', async () => {
    const sha256 = createHash('sha256').update('n0\n').digest('hex');
    const nonceFile = { path: './data1/.backup-drill-nonce', sha256 };
    const expected = await manifest('a.gz', [{ path: './data1', type: 'd' }, nonceFile]);
    const actual = await manifest('b.gz', [{ path: './data1', type: 'd', mode: '700' }, nonceFile]);
    const nonce = { value: 'n0', paths: ['/data1', '/data2'] };
    expect(await simulated.run(compareManifests, { expected, actual, nonce })).toEqual({
      compared: 2,
      missing: 0,
      extra: 0,
      changed: 1,
      inFlux: 0,
      failures: ['./data1: mode was 644, is 700'],
      nonce: { compared: 2, failures: ['/data2/.backup-drill-nonce: missing'] },
      comparedAt: simulated.now,
    });
  });

  test('a manifest that is cut compares to nothing', async () => {
    const expected = await manifest('a.gz', [{ path: './x' }]);
    const actual = await upload('b.gz', gzipSync(manifestBytes([{ path: './x' }]).subarray(0, -5)));
    await expect(simulated.run(compareManifests, { expected, actual })).rejects.toMatchObject({
      name: 'ManifestInvalid',
    });
  });
});
