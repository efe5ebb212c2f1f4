import { afterEach, expect, jest, test } from '@jest/globals';
import { Bench, DATA, ROOT } from '../../local/host/bench.ts';
import { withLoopDevices } from '../../requires.ts';

jest.setTimeout(60_000);

let bench: Bench;
afterEach(async () => await bench.close());

test('a volume of fstab that is missing is told from one that is mounted', async () => {
  bench = await Bench.open();
  await bench.launch();
  await bench.seed();
  await bench.host.shutdown('i-source');
  await bench.host.boot({ instanceId: 'i-source', rootVolumeId: ROOT, volumeIds: [DATA[0]] });
  const { mounts, hostname } = await bench.document('inspect-instance', {
    Paths: '/ /srv /data1/data /data2 /data2/data',
  });
  expect(hostname).toBe('i-source.ec2.internal');
  expect(mounts).toEqual([
    { path: '/', mount: '/', mounted: true, device: '/dev/nvme0n1', filesystem: 'xfs', clean: true },
    { path: '/srv', mount: '/', mounted: true, device: '/dev/nvme0n1', filesystem: 'xfs', clean: true },
    {
      path: '/data1/data',
      mount: '/data1',
      mounted: true,
      device: '/dev/nvme1n1',
      filesystem: 'ext4',
      clean: true,
    },
    { path: '/data2', mount: '/', mounted: false, device: '/dev/nvme0n1', filesystem: 'xfs', clean: false },
    {
      path: '/data2/data',
      mount: '/',
      mounted: false,
      device: '/dev/nvme0n1',
      filesystem: 'xfs',
      clean: false,
    },
  ]);
});

withLoopDevices('on a real file system', () => {
  test('errors that ext4 has met are not clean', async () => {
    bench = await Bench.open({ disks: 'loop' });
    await bench.launch();
    await bench.seed();
    expect((await bench.document('inspect-instance', { Paths: '/data1' })).mounts).toMatchObject([
      { clean: true },
    ]);
    await bench.host.shutdown('i-source');
    await bench.host.boot({ instanceId: 'i-source', rootVolumeId: ROOT, volumeIds: [...DATA] });
    await bench.run('umount /data1; debugfs -w -R "set_super_value state 2" /dev/nvme1n1; mount /data1');
    expect((await bench.document('inspect-instance', { Paths: '/data1' })).mounts).toMatchObject([
      { mounted: true, clean: false },
    ]);
  });
});
