import { describe, expect, test } from '@jest/globals';
import { Region } from './region.ts';

describe('an instance, its image, and its copy', () => {
  test('a drill of its own: launch, back up, terminate, restore, clean up', async () => {
    const region = new Region();
    await region.createEndpoints();
    const source = await region.running();
    const [root, one, two] = region.host.volumes.keys();
    expect(
      (await region.describe(source)).BlockDeviceMappings.map(
        (one: { Ebs: { VolumeId: string } }) => one.Ebs.VolumeId,
      ),
    ).toEqual([root, one, two]);
    region.host.volumes.set(String(one), 'precious');
    const { ImageId } = await region.call('CreateImage', {
      InstanceId: source,
      Name: 'copy',
      NoReboot: true,
    });
    await region.until(`${ImageId}:available`);
    await region.call('TerminateInstances', { InstanceIds: [source] });
    await region.until(`${source}:terminated`);
    expect(region.host.volumes.size).toBe(0);
    const copy = await region.running({ ImageId, BlockDeviceMappings: [] });
    expect([...region.host.volumes.values()]).toEqual(['Amazon Linux', 'precious', 'blank']);
    await region.until(`${copy}:online`);
    await region.call('TerminateInstances', { InstanceIds: [copy] });
    const { DeleteSnapshotResults } = await region.call('DeregisterImage', {
      ImageId,
      DeleteAssociatedSnapshots: true,
    });
    expect(DeleteSnapshotResults.map((one: { ReturnCode: string }) => one.ReturnCode)).toEqual([
      'success',
      'success',
      'success',
    ]);
    await region.until(`${copy}:terminated`);
    expect([...region.host.snapshots.values()]).toEqual(['Amazon Linux']);
    expect(region.host.volumes.size).toBe(0);
  });
});
