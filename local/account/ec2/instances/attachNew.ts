import type { Tag } from '@aws-sdk/client-ec2';
import type { ConditionContext } from '../../service.ts';
import type { Inventory } from '../inventory.ts';
import type { VolumeItem } from '../volumes/volume.ts';
import type { PlannedVolume } from './blockDevices.ts';
import type { InstanceItem } from './instance.ts';

/** Condition keys of a volume that a launch will make. */
export function volumeContext(ec2: Inventory, volume: PlannedVolume): ConditionContext {
  return {
    'ec2:Encrypted': String(volume.kmsKeyId !== undefined),
    'ec2:VolumeSize': String(volume.size),
    'ec2:VolumeType': volume.type,
    'ec2:AvailabilityZone': ec2.zone,
    ...(volume.snapshotId && { 'ec2:ParentSnapshot': ec2.arn('snapshot', volume.snapshotId) }),
  };
}

/** Makes the volumes of a launch, with their data, and attaches them. */
export async function attachNew(
  ec2: Inventory,
  instance: InstanceItem,
  planned: readonly PlannedVolume[],
  tags: readonly Tag[],
): Promise<void> {
  const { host } = ec2.account;
  for (const volume of planned) {
    const id = ec2.newId('vol');
    if (volume.snapshotId) await host.createVolume(id, volume.snapshotId);
    else await host.createBlankVolume(id);
    const since = new Date(ec2.now);
    attach(ec2, instance, id, { ...volume, tags, visible: ec2.visibility(), since });
  }
}

/** A volume whose data is there, as it is to be seen. */
interface AttachedVolume extends PlannedVolume {
  tags: readonly Tag[];
  visible: Pick<VolumeItem, 'findableFrom' | 'listedFrom'>;
  since: Date;
}

/** Lets a volume be there and be attached. */
export function attach(ec2: Inventory, instance: InstanceItem, id: string, volume: AttachedVolume): void {
  const { since, deleteOnTermination: DeleteOnTermination } = volume;
  ec2.volumes.add({
    id,
    ...volume.visible,
    data: {
      VolumeId: id,
      Size: volume.size,
      SnapshotId: volume.snapshotId ?? '',
      AvailabilityZone: ec2.zone,
      State: 'in-use',
      CreateTime: since,
      VolumeType: volume.type,
      Iops: volume.iops,
      Throughput: volume.throughput,
      Encrypted: volume.kmsKeyId !== undefined,
      ...(volume.kmsKeyId !== undefined && { KmsKeyId: volume.kmsKeyId }),
      MultiAttachEnabled: false,
      Attachments: [
        {
          VolumeId: id,
          InstanceId: instance.id,
          Device: volume.deviceName,
          State: 'attached',
          AttachTime: since,
          DeleteOnTermination,
        },
      ],
      Tags: [...volume.tags],
    },
  });
  instance.data.BlockDeviceMappings?.push({
    DeviceName: volume.deviceName,
    Ebs: { VolumeId: id, Status: 'attached', AttachTime: since, DeleteOnTermination },
  });
}
