import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packData } from '../../cli/data.ts';

describe('packing a directory', () => {
  let place = '';
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'backup-drill-test-'));
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  test('every entry arrives in the bucket, whatever its name', async () => {
    mkdirSync(join(place, 'data/-dash/new\nline'), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${place}/data/`), Buffer.from([0xff, 0xfe])]), 'not UTF-8');
    writeFileSync(join(place, 'data/a b "c"'), '');
    symlinkSync('nowhere', join(place, 'data/link'));
    const received: Buffer[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk) => received.push(chunk)).on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const s3 = new S3Client({
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const packed = await packData(join(place, 'data'));
    await packed.upload(s3, 'staging', 'runs/1/data.tar');
    await packed.remove();
    s3.destroy();
    server.close();
    expect(Buffer.concat(received)).toHaveLength(packed.bytes);
    writeFileSync(join(place, 'data.tar'), Buffer.concat(received));
    const listed = execFileSync('tar', ['-tf', join(place, 'data.tar')])
      .toString()
      .trim()
      .split('\n');
    expect([listed.length, packed.entries]).toEqual([6, 6]);
    expect(listed).toContain('./a b "c"');
  });

  test('a directory that is not there, and a file, are refused in one line', async () => {
    writeFileSync(join(place, 'file'), '');
    await expect(packData(join(place, 'none'))).rejects.toThrow(
      `--data ${place}/none: there is no such directory`,
    );
    await expect(packData(join(place, 'file'))).rejects.toThrow(`--data ${place}/file: is not a directory`);
  });
});
