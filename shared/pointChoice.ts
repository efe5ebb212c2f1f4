import type { Image } from '@aws-sdk/client-ec2';
import { TAG, tagValue } from './tags.ts';

/** Which point of a resource is wanted: the latest, the latest that a drill proved, or the latest not after a time. */
export type PointAt = 'latest' | 'latest-validated' | (string & {});

/** Why an image is not a recovery point that may be restored, or undefined. Its tags are the truth. */
export function pointFault(image: Image, deployment: string): string | undefined {
  const owner = tagValue(image.Tags, TAG.deployment);
  const status = tagValue(image.Tags, TAG.status);
  if (owner !== deployment) return owner ? `belongs to deployment ${owner}` : 'is not a backup of ours';
  if (status !== 'verified') return `is not verified: its status is ${status ?? 'unknown'}`;
  if (image.State !== 'available') return `is ${image.State}`;
  if (!tagValue(image.Tags, TAG.fingerprint)) return `has no tag ${TAG.fingerprint}`;
  return undefined;
}

/** The point to restore among the images of one resource, or undefined when none fits. */
export function choosePointAmong(
  images: readonly Image[],
  at: PointAt,
  deployment: string,
): Image | undefined {
  const created = (image: Image) => {
    const began = Date.parse(image.CreationDate ?? '');
    // A tag that tells of the future makes no image the latest.
    return Math.min(
      Date.parse(tagValue(image.Tags, TAG.created) ?? ''),
      Number.isNaN(began) ? Number.POSITIVE_INFINITY : began,
    );
  };
  const before = at === 'latest' || at === 'latest-validated' ? Number.POSITIVE_INFINITY : Date.parse(at);
  return images
    .filter((image) => pointFault(image, deployment) === undefined)
    .filter((image) => created(image) <= before)
    .filter((image) => at !== 'latest-validated' || tagValue(image.Tags, TAG.validated) !== undefined)
    .sort((a, b) => created(b) - created(a))[0];
}
