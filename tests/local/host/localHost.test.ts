import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CorruptionKind } from '../../../local/host/host.ts';
import type { LocalHostOptions } from '../../../local/host/localHost.ts';
import { withLoopDevices, withNamespaces, withRoot } from '../../requires.ts';
import { Bench, DATA, differences, ROOT } from './bench.ts';

jest.setTimeout(60_000);

let bench: Bench;
/** The source's manifest at backup `b`. */
let before: string[];

describe('in the root-parameter mode', () => instances({ isolation: 'root-parameter' }));

withNamespaces('in namespaces', () => {
  instances({ isolation: 'namespace' });

  test('a command sees its own root, processes and host name, and no file of the machine', async () => {
    const { stdout } = await bench.run(`ls /; ls /proc | grep -c '^[0-9]'; hostname; ls ${bench.directory}`);
    expect(stdout).toContain('srv');
    expect(stdout).toContain('i-source.ec2.internal');
    expect(Number(/^\d+$/m.exec(stdout)?.[0])).toBeLessThan(8);
    expect(stdout).not.toContain('volumes');
  });

  test.each(['truncate', 'missing', 'extra', 'mode'] as const)('corruption %s shows', showsDamage);

  withRoot('with root', () => {
    test('corruption owner shows', async () => await showsDamage('owner'));
  });

  test('corruption stale restores an older backup of every volume, and says so when there is none', async () => {
    bench.host.corrupt = { kind: 'stale' };
    await expect(bench.restore('b', 'i-none')).rejects.toThrow('no older backup');
    await bench.manifest('i-source', '/data1 /data2', 'nonce-2');
    await bench.backUp('second');
    // Older snapshots that were deleted meanwhile, as after a drill, will do.
    for (const id of [ROOT, ...DATA]) await bench.host.deleteSnapshot(`snap-b-${id}`);
    bench.host.corrupt = { kind: 'stale' };
    await bench.restore('second', 'i-stale');
    const nonce = 'cat "$SSM_Root/data1/.backup-drill-nonce" "$SSM_Root/data2/.backup-drill-nonce"';
    expect((await bench.run(nonce, {}, 'i-stale')).stdout).toBe('nonce-1\nnonce-1\n');
    expect(bench.host.damaged).toMatchObject({ kind: 'stale' });
  });
});

withLoopDevices('on loop devices', () => {
  instances({ isolation: 'namespace', disks: 'loop' });

  test('a snapshot of a running instance lacks what was not flushed, as after a power cut', async () => {
    await bench.run('sync; echo flushed > /data1/flushed; sync; echo unflushed > /data1/unflushed');
    await bench.backUp('power-cut');
    await bench.restore('power-cut', 'i-power-cut');
    const { stdout } = await bench.run('cat /data1/flushed /data1/unflushed', {}, 'i-power-cut');
    expect(stdout).toBe('flushed\n');
  });
});

test('an end in the middle of a boot waits for it, removes everything, and leaves undone what comes later', async () => {
  const ended = await Bench.open();
  await ended.host.createBaseImage('snap-base');
  await ended.host.createVolume(ROOT, 'snap-base');
  const boot = ended.host.boot({ instanceId: 'i-late', rootVolumeId: ROOT, volumeIds: [] });
  await Promise.all([boot, ended.close()]);
  expect(existsSync(ended.directory)).toBe(false);
  void ended.host.createBlankVolume('vol-0dddddddd');
  await new Promise(setImmediate);
  expect(existsSync(ended.directory)).toBe(false);
});

test('loop devices are refused by name where they are not to be had', async () => {
  const loops: LocalHostOptions = { isolation: 'root-parameter', disks: 'loop' };
  await expect(Bench.open(loops)).rejects.toThrow('disks on loop devices need root on Linux');
});

/** One source instance with a backup `b` of it, and copies. */
function instances(options: LocalHostOptions): void {
  beforeAll(async () => {
    bench = await Bench.open(options);
    await bench.launch();
    await bench.seed();
    before = await bench.manifest('i-source', undefined, 'nonce-1');
    await bench.run('sync -f "$SSM_Root/data1"; sync -f "$SSM_Root/data2"');
    await bench.backUp('b');
  });

  afterAll(async () => {
    await bench.host.dispose();
    expect(readdirSync(bench.directory)).toEqual([]);
    expect(processesWith(bench.directory)).toEqual([]);
    await bench.close();
  });

  test('a restored copy has every byte, name, link, mode, owner and time', async () => {
    await bench.restore('b', 'i-restored');
    const after = await bench.manifest('i-restored');
    expect(before.length).toBeGreaterThan(1000);
    expect(differences(before, after)).toEqual([]);
    await bench.host.shutdown('i-restored');
  });

  test('corruption flip damages one path of the copy, which the manifest shows', async () => {
    await showsDamage('flip');
  });

  test('what is written after a snapshot is not in it, and the root leaves other volumes out', async () => {
    await bench.run('echo late > "$SSM_Root/srv/late"');
    await bench.host.createVolume('vol-0root', `snap-b-${ROOT}`);
    await bench.host.boot({ instanceId: 'i-root', rootVolumeId: 'vol-0root', volumeIds: [] });
    const { stdout } = await bench.run('cd "$SSM_Root/"; ls srv; echo data1: $(ls data1)', {}, 'i-root');
    expect(stdout).toBe('data\ndata1:\n');
    await bench.run('rm "$SSM_Root/srv/late"');
  });

  test('first-boot steps run once for an instance id; every boot has a new boot id; mounts come back', async () => {
    const identity = 'cat "$SSM_Root/etc/machine-id" "$SSM_Root/etc/ssh/ssh_host_ed25519_key"';
    const inspect = async (id: string) => await bench.document('inspect-instance', { Paths: '/data1' }, id);
    const [key, first] = [await bench.run(identity), await inspect('i-source')];
    await bench.host.shutdown('i-source');
    await bench.host.boot({ instanceId: 'i-source', rootVolumeId: ROOT, volumeIds: [...DATA] });
    const second = await inspect('i-source');
    expect(second.bootId).not.toBe(first.bootId);
    expect(second.mounts).toMatchObject([{ path: '/data1', mounted: true, clean: true }]);
    expect((await bench.run('cat "$SSM_Root/data1/data/plain"')).stdout).toBe('content of plain\n');
    expect((await bench.run(identity)).stdout).toBe(key.stdout);
    await bench.restore('b', 'i-new');
    expect((await bench.run(identity, {}, 'i-new')).stdout).not.toBe(key.stdout);
    await bench.host.shutdown('i-new');
  });

  test('a command gets a clean environment', async () => {
    process.env.SECRET_OF_A_TEST = 'secret';
    const { stdout } = await bench.run('env', { SSM_Name: 'value' });
    delete process.env.SECRET_OF_A_TEST;
    const names = stdout.split('\n').map((line) => line.split('=')[0] ?? '');
    expect(names).toContain('SSM_Name');
    expect(names.filter((name) => !/^(SSM_\w+|PATH|HOME|LANG|PWD|SHLVL|_|OLDPWD|)$/.test(name))).toEqual([]);
  });

  test('an instance without a path to S3 does not get through', async () => {
    bench.download = Buffer.from('hello');
    const ask = `curl -fsS ${bench.url}`;
    expect(await bench.run(ask)).toMatchObject({ exitCode: 0, stdout: 'hello' });
    const cut = await bench.host.run('i-source', ask, {}, { canReachS3: false });
    expect(cut.exitCode).not.toBe(0);
  });

  test('a command that hangs is killed in time, with what it started in other sessions', async () => {
    const hanging = 'setsid sleep 4242 & sleep 4242';
    const outcome = await bench.host.run('i-source', hanging, {}, { canReachS3: true, timeoutSeconds: 1 });
    expect(outcome).toMatchObject({ timedOut: true });
    expect(processesWith('sleep\u00004242')).toEqual([]);
  });

  test('a command does not wait for what it leaves in the background', async () => {
    expect(await bench.run('sleep 4343 & echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    expect(processesWith('sleep\u00004343')).toEqual([]);
  });

  test('a timer of the host fires on the virtual clock, unless it is stopped', async () => {
    const arm = (unit: string) =>
      `systemd-run --on-active=60 --unit=${unit} /bin/sh -c 'echo "$0" >> "$1/run/fired"' ${unit} "$SSM_Root"`;
    await bench.run(arm('one'));
    await bench.run(arm('two'));
    await bench.run('systemctl stop two.timer');
    await bench.clock.sleep(59_000);
    expect((await bench.run('cat "$SSM_Root/run/fired"')).exitCode).toBe(1);
    await bench.clock.sleep(2_000);
    expect((await bench.run('cat "$SSM_Root/run/fired"')).stdout).toBe('one\n');
  });
}

/** The manifest of a damaged copy differs in the damaged path and nowhere else. */
async function showsDamage(kind: CorruptionKind): Promise<void> {
  bench.host.corrupt = { kind };
  await bench.restore('b', `i-${kind}`);
  const { damaged } = bench.host;
  const unlike = differences(before, await bench.manifest(`i-${kind}`));
  expect(damaged).toMatchObject({ kind });
  // A directory that lost or gained an entry has another time; the last record counts the entries.
  const files = unlike.filter((path) => path.startsWith('/') && !damaged?.path.startsWith(`${path}/`));
  expect(files).toEqual([damaged?.path]);
  expect(bench.host.corrupt).toBeUndefined();
  await bench.host.shutdown(`i-${kind}`);
}

function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandLine(name).includes(text));
}

function commandLine(pid: string): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : '';
}
