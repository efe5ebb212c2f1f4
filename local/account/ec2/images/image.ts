import type { Image } from '@aws-sdk/client-ec2';
import type { Item, Kind } from '../collection.ts';
import type { Inventory } from '../inventory.ts';

export interface ImageItem extends Item {
  data: Image;
  /** Settles once a public image has its data, which is made when somebody first asks for its id. */
  ready?: Promise<void>;
}

/** Whether the account made an image, rather than Amazon. */
export function isOwn(ec2: Inventory, image: ImageItem): boolean {
  return image.data.OwnerId === ec2.account.id;
}

export function imageKind(ec2: Inventory): Kind<ImageItem> {
  return {
    prefix: 'ami',
    type: 'image',
    words: 'image id',
    notFound: 'InvalidAMIID.NotFound',
    malformed: 'InvalidAMIID.Malformed',
    fields: {
      'image-id': (image) => [image.ImageId],
      name: (image) => [image.Name],
      state: (image) => [image.State],
      'owner-id': (image) => [image.OwnerId],
      'is-public': (image) => [String(image.Public)],
      'source-instance-id': (image) => [image.SourceInstanceId],
      'block-device-mapping.snapshot-id': (image) =>
        (image.BlockDeviceMappings ?? []).map((mapping) => mapping.Ebs?.SnapshotId),
    },
    indexed: ['name', 'owner-id', 'source-instance-id', 'block-device-mapping.snapshot-id'],
    context: (image) => ({
      'ec2:ImageID': image.id,
      'ec2:ImageType': 'machine',
      'ec2:Owner': isOwn(ec2, image) ? ec2.account.id : 'amazon',
      'ec2:Public': String(image.data.Public),
      'ec2:RootDeviceType': 'ebs',
    }),
  };
}
