import { EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { ResourceFailed, ResourceNotFound } from '../../shared/errors.ts';
import { findImage } from '../../shared/imageFacts.ts';
import { elapsedSince, GRACE, look, lookInput, lookOutput } from '../../shared/look.ts';
import { imageId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Looks whether an image is available. @throws ResourceFailed when it failed or takes too long; ResourceNotFound when
 * EC2 still does not know it 5 minutes after it began.
 */
export const checkImage = task({
  name: 'CheckImage',
  input: v.object({ imageId, ...lookInput }),
  output: v.object({ ...lookOutput, state: v.string() }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ imageId, since, limitSeconds }, { aws, now }) => {
    const timing = { since, limitSeconds, now: now() };
    const image = await findImage(aws.ec2, imageId);
    if (!image && elapsedSince(since, timing.now) > GRACE)
      throw new ResourceNotFound(`there is no image ${imageId}`);
    const state = image?.State ?? 'pending';
    if (state !== 'pending' && state !== 'available')
      throw new ResourceFailed(
        `${imageId} is ${state}: ${image?.StateReason?.Message ?? 'EC2 gives no reason'}`,
      );
    return { ...look(state === 'available', [`${imageId}:available`], timing), state };
  },
});
