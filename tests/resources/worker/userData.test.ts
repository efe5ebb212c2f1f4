import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withFpsync } from '../../requires.ts';

const SCRIPT = readFileSync('resources/worker/user-data.sh', 'utf8');
const [SOURCE, DESTINATION] = ['fs-0000000000000001', 'fs-0000000000000002'];
const HEAD = [SOURCE, DESTINATION].map((id) => `${id}.efs.eu-west-1.amazonaws.com`);

withFpsync("a worker's first boot", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'backup-drill-'));
    mkdirSync(join(root, 'run', 'efs'), { recursive: true });
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin', 'sleep'), '#!/bin/sh\n', { mode: 0o755 }); // nobody waits here
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** The file systems that have a mount target where the worker is. */
  const reachable = (...ids: string[]) => {
    for (const id of ids) {
      mkdirSync(join(root, 'data', id), { recursive: true });
      symlinkSync(join(root, 'data', id), join(root, 'run', 'efs', id));
    }
  };
  const env = () => ({
    PATH: `${join(root, 'bin')}:${process.cwd()}/local/host/bin/efs:${process.env.PATH}`,
    SSM_Root: root,
  });
  const boot = () =>
    spawnSync('bash', ['-c', `SOURCE=${HEAD[0]}\nDESTINATION=${HEAD[1]}\n${SCRIPT}`], { env: env() });
  const prepare = () =>
    spawnSync('bash', ['resources/documents/prepare-worker.sh'], { env: { ...env(), SSM_Seconds: '1' } });

  test('mounts both file systems, each through a tunnel of its own that checks the name', () => {
    reachable(SOURCE ?? '', DESTINATION ?? '');
    boot();
    expect(readlinkSync(join(root, 'mnt', 'source'))).toBe(join(root, 'data', SOURCE ?? ''));
    expect(readlinkSync(join(root, 'mnt', 'destination'))).toBe(join(root, 'data', DESTINATION ?? ''));
    const tunnel = readFileSync(join(root, 'etc', 'stunnel', 'source.conf'), 'utf8');
    for (const line of [`connect = ${HEAD[0]}:2049`, `checkHost = ${HEAD[0]}`, 'verifyChain = yes'])
      expect(tunnel.split('\n')).toContain(line);
    const { status, stdout } = prepare();
    expect([status, JSON.parse(stdout.toString())]).toEqual([0, expect.objectContaining({ ready: true })]);
  });

  test('that cannot mount says so, and nothing is copied', () => {
    reachable(SOURCE ?? '');
    boot();
    const { status, stderr } = prepare();
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(/^prepare-worker: \/mnt\/destination: mount\.nfs4: .*no mount target/);
  });

  /** Boots on an image without the packages, with an apt-get that fails so many times. */
  const install = (times: number, words: string) => {
    reachable(SOURCE ?? '', DESTINATION ?? '');
    const counts = join(root, 'calls');
    const lines = [
      '#!/bin/bash',
      `echo "$*" >> ${counts}`,
      `if [ "$(wc -l < ${counts})" -le ${times} ]; then echo "${words}" >&2; exit 100; fi`,
    ];
    writeFileSync(join(root, 'bin', 'apt-get'), `${lines.join('\n')}\n`, { mode: 0o755 });
    const missing = 'command() { return 1; }'; // no program is found
    spawnSync('bash', ['-c', `SOURCE=${HEAD[0]}\nDESTINATION=${HEAD[1]}\n${missing}\n${SCRIPT}`], {
      env: env(),
    });
    return readFileSync(counts, 'utf8').trim().split('\n');
  };

  test('waits for the locks that Ubuntu holds while it updates itself', () => {
    const calls = install(
      12,
      'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 900 (apt-get)',
    );
    expect(calls).toHaveLength(14);
    for (const call of calls) expect(call).toContain('DPkg::Lock::Timeout=300');
    expect(calls.at(-1)).toContain('install -y');
    expect(prepare().status).toBe(0);
  });

  test.each([
    ['cannot get its packages', 'E: Unable to locate package fpart', 3],
    ['never gets the lock', 'E: Could not get lock /var/lib/apt/lists/lock', 40],
  ])('that %s says so', (_, words, tries) => {
    expect(install(1000, words)).toHaveLength(tries);
    const { status, stderr } = prepare();
    expect([status, stderr.toString()]).toEqual([1, `prepare-worker: packages: ${words}\n`]);
  });

  test('that does not come to its end is not waited for without end', () => {
    const { status, stderr } = prepare();
    expect([status, stderr.toString()]).toEqual([
      1,
      'prepare-worker: the first boot has not come to its end in 1 seconds\n',
    ]);
  });
});
