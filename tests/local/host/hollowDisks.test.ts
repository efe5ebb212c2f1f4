import { expect, test } from '@jest/globals';
import { HollowDisks } from '../../../local/host/hollowDisks.ts';
import { FakeHost } from '../account/fakeHost.ts';

const run = (host: HollowDisks, id: string) => host.run(id, 'true', {}, { canReachS3: false });

test('what is copied from something hollow is hollow, boots, and never meets the real host', async () => {
  const real = new FakeHost();
  const host = new HollowDisks(real);
  host.addHollow('vol-1');
  await host.snapshotVolume('vol-1', 'snap-1');
  await host.createVolume('vol-2', 'snap-1');
  await host.boot({ instanceId: 'i-1', rootVolumeId: 'vol-2', volumeIds: ['vol-2'] });
  real.run = async () => ({ exitCode: 7, stdout: '', stderr: '' });
  expect((await run(host, 'i-1')).exitCode).toBe(0);
  expect(await host.bytesOnVolumes('i-1')).toBe(0);
  await host.shutdown('i-1');
  for (const id of ['vol-1', 'vol-2']) await host.deleteVolume(id);
  await host.deleteSnapshot('snap-1');
  expect([real.events, real.volumes.size, real.snapshots.size]).toEqual([[], 0, 0]);
  await expect(host.deleteVolume('vol-1')).rejects.toThrow('the host has no vol-1');
});

test('everything else is the real host', async () => {
  const real = new FakeHost();
  const host = new HollowDisks(real);
  await host.createBaseImage('snap-0');
  await host.createVolume('vol-0', 'snap-0');
  await host.createBlankVolume('vol-9');
  await host.snapshotVolume('vol-0', 'snap-9');
  await host.boot({ instanceId: 'i-0', rootVolumeId: 'vol-0', volumeIds: ['vol-0', 'vol-9'] });
  real.run = async () => ({ exitCode: 7, stdout: '', stderr: '' });
  expect((await run(host, 'i-0')).exitCode).toBe(7);
  await host.shutdown('i-0');
  expect(real.events).toEqual(['boot i-0 vol-0 vol-9', 'shutdown i-0']);
  expect(real.snapshots.get('snap-9')).toBe('Amazon Linux');
});

test('a command on a hollow instance comes to what is arranged', async () => {
  const host = new HollowDisks(new FakeHost());
  host.addHollow('i-1');
  host.runHollow = async (id) => ({ exitCode: 0, stdout: `boot id of ${id}`, stderr: '' });
  expect((await run(host, 'i-1')).stdout).toBe('boot id of i-1');
});
