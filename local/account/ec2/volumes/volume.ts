import type { Volume } from '@aws-sdk/client-ec2';
import type { Item, Kind } from '../collection.ts';

export interface VolumeItem extends Item {
  data: Volume;
  /** When its latest snapshot was taken, in virtual milliseconds. */
  latestSnapshot?: number;
}

export const volumeKind: Kind<VolumeItem> = {
  prefix: 'vol',
  type: 'volume',
  words: 'volume',
  notFound: 'InvalidVolume.NotFound',
  malformed: 'InvalidVolumeID.Malformed',
  fields: {
    'volume-id': (volume) => [volume.VolumeId],
    'snapshot-id': (volume) => [volume.SnapshotId],
    status: (volume) => [volume.State],
    'attachment.instance-id': (volume) => (volume.Attachments ?? []).map((one) => one.InstanceId),
  },
  indexed: ['attachment.instance-id'],
  context: ({ id, data }) => ({
    'ec2:VolumeID': id,
    'ec2:Encrypted': String(data.Encrypted),
    'ec2:VolumeSize': String(data.Size),
    'ec2:VolumeType': data.VolumeType ?? '',
  }),
};
