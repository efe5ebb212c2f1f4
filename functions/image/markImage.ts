import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { findImage } from '../../shared/imageFacts.ts';
import { instant } from '../../shared/instant.ts';
import { consistencySeen, imageId } from '../../shared/recoveryPoint.ts';
import { TAG, tagList } from '../../shared/tags.ts';
import { task } from '../../shared/task.ts';

/**
 * Writes on an image and its snapshots what became of the backup; these tags are the truth that restores go by.
 * An image that is gone needs none: `marked` is then empty.
 */
export const markImage = task({
  name: 'MarkImage',
  input: v.object({
    imageId,
    status: v.picklist(['verified', 'failed']),
    consistency: v.optional(consistencySeen),
    createdAt: v.optional(instant),
    nonce: v.optional(v.string()),
    manifestKey: v.optional(v.string()),
  }),
  output: v.object({ marked: v.array(v.string()) }),
  aws: (settings) => ({ ec2: new EC2Client(settings) }),
  run: async ({ imageId, status, consistency, createdAt, nonce, manifestKey }, { aws }) => {
    const image = await findImage(aws.ec2, imageId);
    if (!image) return { marked: [] };
    const snapshotIds = (image.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.SnapshotId ?? []);
    const marked = [imageId, ...snapshotIds];
    const tags = tagList({
      [TAG.status]: status,
      ...(consistency ? { [TAG.consistency]: consistency } : {}),
      ...(createdAt ? { [TAG.created]: createdAt } : {}),
      ...(nonce ? { [TAG.nonce]: nonce } : {}),
      ...(manifestKey ? { [TAG.manifest]: manifestKey } : {}),
    });
    await aws.ec2.send(new CreateTagsCommand({ Resources: marked, Tags: tags }));
    return { marked };
  },
});
