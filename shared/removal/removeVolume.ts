import { DeleteVolumeCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { unlessNotFound } from '../awsErrors.ts';
import { foreign, type Remover } from './removal.ts';

/** Deletes a volume of an instance that this run launched, once it is attached no longer. */
export const removeVolume: Remover = async (id, context) => {
  const found = await unlessNotFound(
    context.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] })),
    'InvalidVolume.NotFound',
  );
  const volume = found?.Volumes?.[0];
  if (!volume) return { state: 'missing' };
  if (volume.State === 'deleted') return { state: 'gone' };
  const reason = foreign(volume.Tags, context);
  if (reason) return { state: 'stuck', reason };
  if (volume.State !== 'available' && volume.State !== 'error') return { state: 'going' };
  await context.ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
  return { state: 'gone' };
};
