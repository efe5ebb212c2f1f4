import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { ResourceFailed } from '../../shared/errors.ts';
import { findImage, snapshotsOfImage } from '../../shared/imageFacts.ts';
import { look, lookInput, lookOutput } from '../../shared/look.ts';
import { imageId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks whether every volume has its snapshot begun: from the start time on, what the instance writes is no longer in
 * it, so that only then may it go on. @throws ResourceFailed when the image or a snapshot failed or takes too long.
 */
export const checkSnapshotsStarted = task({
  name: 'CheckSnapshotsStarted',
  input: v.object({ imageId, volumeIds: v.pipe(v.array(v.string()), v.minLength(1)), ...lookInput }),
  output: v.object({ ...lookOutput, started: v.number() }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ imageId, volumeIds, since, limitSeconds }, { aws, now }) => {
    const image = await findImage(aws.ec2, imageId);
    if (image?.State === 'failed')
      throw new ResourceFailed(`${imageId} failed: ${image.StateReason?.Message ?? 'EC2 gives no reason'}`);
    const snapshots = await snapshotsOfImage(aws.ec2, image ?? { ImageId: imageId }, volumeIds);
    const failed = snapshots.find((snapshot) => snapshot.State === 'error');
    if (failed)
      throw new ResourceFailed(`${failed.SnapshotId} failed: ${failed.StateMessage ?? 'no reason'}`);
    const started = snapshots.filter((snapshot) => snapshot.StartTime);
    const all = volumeIds.every((id) => started.some((snapshot) => snapshot.VolumeId === id));
    const waitedFor = volumeIds.map((id) => `${imageId}:snapshot-of-${id}`);
    return { ...look(all, waitedFor, { since, limitSeconds, now: now() }), started: started.length };
  },
});
