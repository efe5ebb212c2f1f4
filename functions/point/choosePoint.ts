import { EC2Client, type Image, paginateDescribeImages } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { PointNotVerified, ResourceNotFound } from '../../shared/errors.ts';
import { findImage } from '../../shared/imageFacts.ts';
import { choosePointAmong, pointFault } from '../../shared/pointChoice.ts';
import { imageId } from '../../shared/recoveryPoint.ts';
import { TAG, tagValue } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

/**
 * Finds the recovery point to restore: by its image, or of a resource at a time. Tags decide, not the index.
 * @throws ResourceNotFound when there is none; PointNotVerified when the image named is not a verified point of ours.
 */
export const choosePoint = task({
  name: 'ChoosePoint',
  input: v.object({
    imageId: v.optional(imageId),
    resource: v.optional(v.string()),
    at: v.optional(v.string()),
  }),
  output: v.object({ imageId, resource: v.string(), createdAt: v.string(), fingerprintKey: v.string() }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ imageId, resource = '', at = 'latest' }, { aws, config }) => {
    const image = imageId
      ? await named(aws.ec2, imageId, config.deployment)
      : choosePointAmong(await pointsOf(aws.ec2, resource), at, config.deployment);
    if (!image?.ImageId)
      throw new ResourceNotFound(`${resource} has no verified recovery point of this deployment (at: ${at})`);
    const tag = (key: string) => tagValue(image.Tags, key) ?? '';
    return {
      imageId: image.ImageId,
      resource: tag(TAG.resource),
      createdAt: tag(TAG.created),
      fingerprintKey: tag(TAG.fingerprint),
    };
  },
});

async function named(ec2: EC2Client, imageId: string, deployment: string): Promise<Image> {
  const image = await findImage(ec2, imageId);
  if (!image) throw new ResourceNotFound(`there is no image ${imageId} in this account and Region`);
  const fault = pointFault(image, deployment);
  if (fault) throw new PointNotVerified(`${imageId} ${fault}`);
  return image;
}

async function pointsOf(ec2: EC2Client, resource: string): Promise<Image[]> {
  const Filters = [{ Name: `tag:${TAG.resource}`, Values: [resource] }];
  const images: Image[] = [];
  for await (const page of paginateDescribeImages({ client: ec2 }, { Owners: ['self'], Filters }))
    images.push(...(page.Images ?? []));
  return images;
}
