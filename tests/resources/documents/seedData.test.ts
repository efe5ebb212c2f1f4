import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Bench, DATA, PATHS, script } from '../../local/host/bench.ts';

jest.setTimeout(60_000);

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
  await bench.launch();
});
afterEach(async () => await bench.close());

test('volumes are formatted, listed in fstab and mounted, and every path gets the built-in set', async () => {
  const { entries, bytes, owners } = await bench.seed();
  expect(entries).toBeGreaterThan(700);
  expect(bytes).toBeGreaterThan(9_000_000);
  expect(typeof owners).toBe('boolean');
  const { stdout } = await bench.run('cat "$SSM_Root/etc/fstab"');
  expect(stdout).toContain('LABEL=drill-data-1 /data1 ext4 defaults,nofail 0 2\n');
  const { mounts } = await bench.document('inspect-instance', { Paths: PATHS });
  expect(mounts.map((one: { mounted: boolean; mount: string }) => [one.mount, one.mounted])).toEqual([
    ['/', true],
    ['/data1', true],
    ['/data2', true],
  ]);
});

test('doing it again formats nothing and leaves one line a volume in fstab', async () => {
  await bench.seed();
  await bench.run('echo mine > "$SSM_Root/data1/mine"');
  await bench.seed();
  const { stdout } = await bench.run('cat "$SSM_Root/data1/mine"; grep -c LABEL=drill "$SSM_Root/etc/fstab"');
  expect(stdout).toBe('mine\n2\n');
});

test('a volume that holds something else is never formatted', async () => {
  await bench.run(`mkfs.ext4 -q -L precious "$SSM_Root/dev/nvme1n1"`);
  const outcome = await bench.run(await script('seed-data'), {
    SSM_Volumes: `${DATA[0]}=/data1`,
    SSM_Paths: '/data1',
  });
  expect(outcome).toMatchObject({
    exitCode: 1,
    stderr: `seed-data: ${DATA[0]} is not blank: it stays as it is\n`,
  });
  expect((await bench.run(`blkid -p -s LABEL -o value "$SSM_Root/dev/nvme1n1"`)).stdout).toBe('precious\n');
});

test('data that was there before is never removed', async () => {
  await bench.run(
    'mkdir -p "$SSM_Root/srv/database/data"; echo precious > "$SSM_Root/srv/database/data/file"',
  );
  const outcome = await bench.run(await script('seed-data'), { SSM_Paths: '/srv/database' });
  expect(outcome).toMatchObject({
    exitCode: 1,
    stderr: 'seed-data: /srv/database/data is there already: it stays as it is\n',
  });
  expect((await bench.run('cat "$SSM_Root/srv/database/data/file"')).stdout).toBe('precious\n');
});

test('a tar goes to the first path on a data volume, with everything in it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'data-'));
  mkdirSync(join(directory, 'read-only'));
  writeFileSync(join(directory, 'new\nline'), 'text', { mode: 0o640 });
  symlinkSync('nowhere', join(directory, '-link'));
  bench.download = execFileSync('tar', ['-c', '-f', '-', '-C', directory, '.']);
  rmSync(directory, { recursive: true });
  await bench.seed(bench.url);
  const { stdout } = await bench.run(
    `cd "$SSM_Root/data1/data"; find . -mindepth 1 -printf '%y %m %p|' ; ls "$SSM_Root/srv/data/plain"`,
  );
  expect(stdout).toContain('f 640 ./new\nline|');
  expect(stdout).toContain('l 777 ./-link|');
  expect(stdout).toContain('plain');
});

test('a download that fails fails the command', async () => {
  const outcome = await bench.run(await script('seed-data'), {
    SSM_Volumes: `${DATA[0]}=/data1`,
    SSM_Paths: '/data1',
    SSM_DownloadUrl: 'http://127.0.0.1:9/closed',
  });
  expect(outcome.exitCode).not.toBe(0);
  expect(outcome.stderr).toContain('curl');
});
