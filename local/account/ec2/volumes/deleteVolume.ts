import type { DeleteVolumeRequest } from '@aws-sdk/client-ec2';
import { AwsError, type Operation } from '../../service.ts';
import { existing } from '../access.ts';
import type { Inventory } from '../inventory.ts';
import type { VolumeItem } from './volume.ts';

/** Takes a volume and its data away. */
export async function removeVolume(ec2: Inventory, volume: VolumeItem): Promise<void> {
  ec2.volumes.remove(volume.id);
  await ec2.account.host.deleteVolume(volume.id);
  ec2.note(volume.id, 'deleted');
}

/** DeleteVolume: of a volume that is attached to nothing. */
export function deleteVolume(ec2: Inventory): Operation<DeleteVolumeRequest> {
  return {
    access: ({ VolumeId }) => existing(ec2, 'DeleteVolume', ec2.volumes, [ec2.volumes.get(VolumeId)]),
    run: async ({ VolumeId }) => {
      const volume = ec2.volumes.get(VolumeId);
      const user = volume.data.Attachments?.[0]?.InstanceId;
      if (user !== undefined)
        throw new AwsError('VolumeInUse', `Volume ${volume.id} is currently attached to ${user}`);
      await removeVolume(ec2, volume);
      return {};
    },
  };
}
