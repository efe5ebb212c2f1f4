import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Bench, script } from '../../local/host/bench.ts';
import { withLoopDevices, withNamespaces } from '../../requires.ts';

jest.setTimeout(60_000);

let bench: Bench;

async function freeze(token: string, seconds = '60', mounts = '/srv /data1 /data2') {
  const environment = { SSM_Token: token, SSM_ThawAfterSeconds: seconds, SSM_Mounts: mounts };
  return await bench.run(await script('freeze'), environment);
}

const thaw = async (token: string) => await bench.run(await script('thaw'), { SSM_Token: token });

/** Whether writes to a mount are not held: only then it can be frozen (a held write could not even be killed). */
const isWritable = async (mount: string) =>
  (await bench.run(`fsfreeze --freeze ${mount} && fsfreeze --unfreeze ${mount}`)).exitCode === 0;

withLoopDevices('on real file systems', () => {
  beforeAll(async () => {
    bench = await Bench.open({ disks: 'loop' });
    await bench.launch();
    await bench.seed();
  });
  afterAll(async () => await bench.close());

  test('data volumes are frozen, the root is flushed, and thaw ends it', async () => {
    await bench.clock.hold(async () => {
      const { stdout } = await freeze('one');
      expect(JSON.parse(stdout)).toEqual({ frozen: ['/data1', '/data2'], synced: ['/'] });
      expect(await isWritable('/data1')).toBe(false);
      expect((await bench.run('echo x > /srv/probe')).exitCode).toBe(0);
      expect((await thaw('one')).stdout).toBe('{"timerFired":false}\n');
      expect(await isWritable('/data1')).toBe(true);
      expect((await thaw('one')).stdout).toBe('{"timerFired":false}\n');
    });
  });

  test('without names, every file system on a disk is meant', async () => {
    await bench.clock.hold(async () => {
      expect(JSON.parse((await freeze('all', '60', '')).stdout)).toMatchObject({
        frozen: ['/data1', '/data2'],
      });
      await thaw('all');
    });
  });

  test('a path below a mount means its file system, and each is frozen once', async () => {
    await bench.clock.hold(async () => {
      expect(JSON.parse((await freeze('below', '60', '/data1/data /data1')).stdout).frozen).toEqual([
        '/data1',
      ]);
      await thaw('below');
    });
  });

  test('the timer of the host thaws by itself, and thaw says so, also when asked again', async () => {
    await freeze('late', '30');
    await bench.clock.sleep(29_000);
    expect(await isWritable('/data2')).toBe(false);
    await bench.clock.sleep(2_000);
    expect(await isWritable('/data2')).toBe(true);
    expect((await thaw('late')).stdout).toBe('{"timerFired":true}\n');
    expect((await thaw('late')).stdout).toBe('{"timerFired":true}\n');
  });

  test('a manifest can be read while frozen', async () => {
    await bench.clock.hold(async () => {
      await freeze('reading');
      await bench.document('read-manifest', { Paths: '/data1 /data2', UploadUrl: bench.url });
      expect(bench.records().at(-1)).toMatch(/^end \d+ \d+$/);
      await thaw('reading');
    });
  });

  test('where one is frozen already, the freeze is refused, the others are thawed again, the timer is gone', async () => {
    await bench.run('fsfreeze --freeze /data2');
    const refused = await freeze('second', '30');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('/data2: freeze failed: Device or resource busy');
    expect(await isWritable('/data1')).toBe(true);
    expect(await isWritable('/data2')).toBe(false);
    await bench.clock.sleep(31_000);
    expect(await isWritable('/data2')).toBe(false);
    await bench.run('fsfreeze --unfreeze /data2');
  });

  test('a token is used once', async () => {
    await bench.clock.hold(async () => {
      await freeze('twice');
      const again = await freeze('twice');
      expect(again.exitCode).toBe(1);
      expect(again.stderr).toContain('token twice was used before');
      expect(await isWritable('/data1')).toBe(false);
      expect((await thaw('twice')).stdout).toBe('{"timerFired":false}\n');
    });
  });

  test('thaw fails when somebody else has thawed: the freeze did not hold', async () => {
    await bench.clock.hold(async () => {
      await freeze('lost');
      await bench.run('fsfreeze --unfreeze /data1');
      const outcome = await thaw('lost');
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stderr).toContain('not frozen any more');
      expect(await isWritable('/data2')).toBe(true);
    });
  });
});

withNamespaces('on directories', () => {
  test('freezing fails in the words of such a file system, and nothing stays behind', async () => {
    bench = await Bench.open({ isolation: 'namespace' });
    await bench.launch();
    await bench.seed();
    const outcome = await freeze('one');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('fsfreeze: /data1: freeze failed: Operation not supported');
    expect((await thaw('one')).stdout).toBe('{"timerFired":false}\n');
    expect((await bench.run('ls /run')).stdout).not.toContain('freeze');
    await bench.close();
  });
});
