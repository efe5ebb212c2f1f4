import type { Tag } from '@aws-sdk/client-ec2';
import { tagsOf } from './fleet.ts';
import type { Inventory } from './inventory.ts';

/** A recovery point of an earlier day. */
export interface SeededPoint {
  /** An image with its snapshots, or the snapshots of one CreateSnapshots call. */
  capture: 'ami' | 'snapshots';
  /** Its instance and its volumes may be gone. */
  instanceId: string;
  /** Those of the instance unless told, and two that are gone when the instance is gone. */
  volumes?: readonly { volumeId: string; size: number }[];
  /** When it was taken, in milliseconds since the epoch. */
  at: number;
  /** Tags of the image and of its snapshots, or of the snapshots. */
  tags: Record<string, string>;
  /** Tags of the image's snapshots, where they differ. */
  snapshotTags?: Record<string, string>;
  /** A snapshot of which these snapshots are copies that are still being made. */
  copyOf?: string;
  /** Name of the image; made of its number unless told. */
  name?: string;
}

/** What a seeded point consists of. */
export interface SeededIds {
  imageId?: string;
  snapshotIds: string[];
}

const THERE = { findableFrom: 0, listedFrom: 0 };

/** Lets a recovery point be there, available and without data. */
export function seedPoint(ec2: Inventory, point: SeededPoint): SeededIds {
  const tags = tagsOf(point.tags, 0);
  const ofSnapshots = point.snapshotTags ? tagsOf(point.snapshotTags, 0) : tags;
  const imageId = point.capture === 'ami' ? ec2.newId('ami') : undefined;
  const words = imageId ? `Created by CreateImage(${point.instanceId}) for ${imageId}` : '';
  const volumes = point.volumes ?? volumesOf(ec2, point.instanceId);
  const made = { at: point.at, tags: ofSnapshots, ...copying(ec2, point.copyOf, words) };
  const snapshotIds = volumes.map((volume) => seedSnapshot(ec2, volume, made));
  if (imageId === undefined) return { snapshotIds };
  ec2.images.add({
    id: imageId,
    ...THERE,
    data: {
      ImageId: imageId,
      Name: point.name ?? `point ${ec2.images.size}`,
      State: 'available',
      OwnerId: ec2.account.id,
      Public: false,
      CreationDate: new Date(point.at).toISOString(),
      Architecture: 'arm64',
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      SourceInstanceId: point.instanceId,
      BlockDeviceMappings: snapshotIds.map((SnapshotId, at) => ({
        DeviceName: at === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(101 + at)}`,
        Ebs: {
          DeleteOnTermination: true,
          VolumeSize: volumes[at]?.size,
          VolumeType: 'gp3',
          Encrypted: false,
          SnapshotId,
        },
      })),
      Tags: tags,
    },
  });
  return { imageId, snapshotIds };
}

/** How AWS describes a copy, and what is none. */
function copying(ec2: Inventory, source: string | undefined, words: string) {
  if (source === undefined) return { Description: words, State: 'completed' as const };
  return { Description: `[Copied ${source} from ${ec2.region}] `, State: 'pending' as const };
}

function volumesOf(ec2: Inventory, instanceId: string): { volumeId: string; size: number }[] {
  const mappings = ec2.instances.peek(instanceId)?.data.BlockDeviceMappings ?? [];
  const ids = mappings.flatMap(({ Ebs }) => Ebs?.VolumeId ?? []);
  if (ids.length === 0)
    return [ec2.newId('vol'), ec2.newId('vol')].map((volumeId) => ({ volumeId, size: 8 }));
  return ids.map((volumeId) => ({ volumeId, size: ec2.volumes.peek(volumeId)?.data.Size ?? 8 }));
}

function seedSnapshot(
  ec2: Inventory,
  volume: { volumeId: string; size: number },
  {
    at,
    tags,
    Description,
    State,
  }: { at: number; tags: Tag[]; Description: string; State: 'pending' | 'completed' },
): string {
  const id = ec2.newId('snap');
  ec2.account.host.addHollow(id);
  ec2.snapshots.add({
    id,
    ...THERE,
    completeAt: at,
    data: {
      SnapshotId: id,
      VolumeId: volume.volumeId,
      VolumeSize: volume.size,
      State,
      StartTime: new Date(at),
      CompletionTime: new Date(at),
      Progress: '100%',
      OwnerId: ec2.account.id,
      Description,
      Encrypted: false,
      StorageTier: 'standard',
      Tags: tags,
    },
  });
  return id;
}
