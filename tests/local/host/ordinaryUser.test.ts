import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { ORDINARY_USER, withLoopDevices, withOrdinaryUser } from '../../requires.ts';

jest.setTimeout(60_000);

const ROUND_TRIP = join(import.meta.dirname, 'roundTrip.ts');

withOrdinaryUser('as an ordinary user', () => {
  test.each(['namespace', 'root-parameter'])(
    'a copy is complete in the mode %s, and what needs root is refused by name',
    (isolation) => {
      const probe = spawnSync('setpriv', [...ORDINARY_USER, 'unshare', '-Urmpf', 'true']);
      const expected = isolation === 'namespace' && probe.status !== 0 ? 'auto' : isolation;
      const report = asOrdinaryUser(ROUND_TRIP, expected);
      expect(report).toMatchObject({ differences: [], owners: false, left: [] });
      if (expected === isolation) expect(report.isolation).toBe(isolation);
      expect(report.entries).toBeGreaterThan(800);
      expect(report.refusals).toEqual([
        'corruption `owner` needs root: without it no file can be given to another user',
        'disks on loop devices need root on Linux',
      ]);
    },
  );
});

withLoopDevices('after a crash of this program', () => {
  test('no process, mount or loop device is left', async () => {
    const child = spawn(process.execPath, [ROUND_TRIP, 'namespace', 'crash'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const { directory } = JSON.parse(String(line));
    expect(loopsOf(directory)).toBe(2);
    child.kill('SIGKILL');
    await once(child, 'close');
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline && (loopsOf(directory) > 0 || processesOf(directory) > 0));
    expect([loopsOf(directory), processesOf(directory)]).toEqual([0, 0]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory);
    rmSync(directory, { recursive: true });
  });
});

describe('the round trip itself', () => {
  test('notices a difference', () => {
    const output = execFileSync(process.execPath, [ROUND_TRIP, 'auto', 'damage'], { encoding: 'utf8' });
    expect(JSON.parse(output).differences).toHaveLength(1);
  });
});

function asOrdinaryUser(program: string, ...args: string[]) {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  const argv = [...ORDINARY_USER, process.execPath, program, ...args];
  const output = execFileSync('setpriv', argv, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home },
  });
  rmSync(home, { recursive: true });
  return JSON.parse(output);
}

function loopsOf(directory: string): number {
  const { stdout } = spawnSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], {
    encoding: 'utf8',
  });
  return stdout.split(directory).length - 1;
}

function processesOf(directory: string): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(directory);
    } catch {
      return false; // it has ended meanwhile
    }
  }).length;
}
