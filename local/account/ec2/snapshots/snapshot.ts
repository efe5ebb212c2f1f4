import type { Snapshot } from '@aws-sdk/client-ec2';
import type { Item, Kind } from '../collection.ts';
import type { Inventory } from '../inventory.ts';

export interface SnapshotItem extends Item {
  data: Snapshot;
  /** When it will have been copied, in virtual milliseconds. */
  completeAt: number;
}

export function snapshotKind(ec2: Inventory): Kind<SnapshotItem> {
  return {
    prefix: 'snap',
    type: 'snapshot',
    words: 'snapshot',
    notFound: 'InvalidSnapshot.NotFound',
    malformed: 'InvalidSnapshotID.Malformed',
    fields: {
      'snapshot-id': (snapshot) => [snapshot.SnapshotId],
      'volume-id': (snapshot) => [snapshot.VolumeId],
      'owner-id': (snapshot) => [snapshot.OwnerId],
      status: (snapshot) => [snapshot.State],
      description: (snapshot) => [snapshot.Description],
    },
    indexed: ['volume-id', 'owner-id'],
    context: ({ id, data }) => ({
      'ec2:SnapshotID': id,
      'ec2:Owner': data.OwnerId ?? '',
      'ec2:ParentVolume': ec2.arn('volume', data.VolumeId ?? ''),
      'ec2:VolumeSize': String(data.VolumeSize),
      'ec2:Encrypted': String(data.Encrypted),
    }),
  };
}

/** What AWS says now of how far a snapshot's copy is. */
export function progressOf(ec2: Inventory, { data, completeAt }: SnapshotItem): string {
  if (data.State === 'completed') return '100%';
  const start = data.StartTime?.getTime() ?? 0;
  const part = (ec2.now - start) / (completeAt - start);
  switch (ec2.account.physics.snapshotProgress) {
    case 'steady':
    case 'bimodal':
      return `${Math.min(99, Math.floor(part * 100))}%`;
    case 'zero':
      return '0%';
    case 'stuck99':
      return part < 0.1 ? '0%' : '99%';
    case 'empty':
      return '';
    case 'jump':
      return part < 0.8 ? '0%' : '90%';
  }
}
