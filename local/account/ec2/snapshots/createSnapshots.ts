import type { CreateSnapshotsRequest, SnapshotInfo, Tag } from '@aws-sdk/client-ec2';
import { type Access, AwsError, type Operation } from '../../service.ts';
import { coming, existing, taggingAtCreation, tagsFor } from '../access.ts';
import { copyOf } from '../copy.ts';
import { type InstanceItem, isIn, volumesOf } from '../instances/instance.ts';
import type { Inventory } from '../inventory.ts';
import { checkSpecifications, merged } from '../tags/tags.ts';
import type { VolumeItem } from '../volumes/volume.ts';
import { checkPending, checkRate, checkSnapshotQuota } from './limits.ts';
import type { SnapshotItem } from './snapshot.ts';
import { takeSnapshot } from './takeSnapshot.ts';

const MOST_EXCLUDED = 40;

/**
 * CreateSnapshots: of the volumes of one instance, all as they are at the moment of the call. (The codes for an instance
 * in a wrong state and for volumes that cannot be left out are those of other calls: AWS documents none.)
 */
export function createSnapshots(ec2: Inventory): Operation<CreateSnapshotsRequest> {
  return {
    access: (input) => accessOf(ec2, input),
    run: async (input) => {
      const instance = instanceOf(ec2, input);
      checkSpecifications(input.TagSpecifications, ['snapshot']);
      if (!isIn(instance, 'running', 'stopping', 'stopped'))
        throw new AwsError(
          'IncorrectInstanceState',
          `The instance '${instance.id}' is not in a state from which its volumes can be snapshotted.`,
        );
      const volumes = chosenVolumes(ec2, instance, input);
      checkSnapshotQuota(ec2, volumes.length);
      for (const volume of volumes) {
        checkPending(ec2, volume.id);
        checkRate(ec2, volume);
      }
      const taken = await Promise.all(volumes.map((volume) => take(ec2, volume, input)));
      return { Snapshots: taken.flatMap((snapshot) => (snapshot ? [infoOf(snapshot)] : [])) };
    },
  };
}

function instanceOf(ec2: Inventory, { InstanceSpecification }: CreateSnapshotsRequest): InstanceItem {
  return ec2.instances.get(InstanceSpecification?.InstanceId);
}

function take(ec2: Inventory, { id, data }: VolumeItem, input: CreateSnapshotsRequest) {
  return takeSnapshot(ec2, {
    volumeId: id,
    completeAt: ec2.moment(ec2.account.physics.snapshotCompleted),
    tags: tagsOfSnapshot(data.Tags ?? [], input),
    description: input.Description ?? '',
  });
}

/** The tags of the request, and with CopyTagsFromSource those of the volume that the request does not have. */
function tagsOfSnapshot(ofVolume: Tag[], input: CreateSnapshotsRequest): Tag[] {
  const copied = input.CopyTagsFromSource ? ofVolume.filter(({ Key }) => !Key?.startsWith('aws:')) : [];
  return merged(copied, tagsFor('snapshot', input.TagSpecifications));
}

/** The volumes that the request means, the root's first. @throws AwsError InvalidParameterValue */
function chosenVolumes(
  ec2: Inventory,
  instance: InstanceItem,
  { InstanceSpecification = { InstanceId: '' } }: CreateSnapshotsRequest,
): VolumeItem[] {
  const { ExcludeBootVolume = false, ExcludeDataVolumeIds: left = [] } = InstanceSpecification;
  const { RootDeviceName, BlockDeviceMappings = [] } = instance.data;
  const root = BlockDeviceMappings.find((one) => one.DeviceName === RootDeviceName)?.Ebs?.VolumeId;
  const all = volumesOf(instance);
  if (left.length > MOST_EXCLUDED)
    throw new AwsError('InvalidParameterValue', `At most ${MOST_EXCLUDED} data volumes can be excluded.`);
  const wrong = left.find((id) => id === root || !all.includes(id));
  if (wrong !== undefined)
    throw new AwsError(
      'InvalidParameterValue',
      `The volume '${wrong}' is not a data volume of the instance '${instance.id}'.`,
    );
  const chosen = all.filter((id) => !left.includes(id) && !(ExcludeBootVolume && id === root));
  if (chosen.length === 0)
    throw new AwsError('InvalidParameterValue', 'At least one volume must be left to be snapshotted.');
  return chosen.flatMap((id) => ec2.volumes.peek(id) ?? []);
}

/** A snapshot as this call answers it. */
function infoOf({ data }: SnapshotItem): SnapshotInfo {
  const { SnapshotId, VolumeId, VolumeSize, State, StartTime, OwnerId, Description, Encrypted, Tags } = data;
  const Progress = '';
  return copyOf({
    SnapshotId,
    VolumeId,
    VolumeSize,
    State,
    StartTime,
    Progress,
    OwnerId,
    Description,
    Encrypted,
    Tags,
  });
}

function accessOf(ec2: Inventory, input: CreateSnapshotsRequest): Access[] {
  const { TagSpecifications: tags = [] } = input;
  const instance = instanceOf(ec2, input);
  const volumes = isIn(instance, 'terminated') ? [] : chosenVolumes(ec2, instance, input);
  const copies = volumes.flatMap(({ data }) => tagsOfSnapshot(data.Tags ?? [], input));
  return [
    ...existing(ec2, 'CreateSnapshots', ec2.instances, [instance]),
    ...existing(ec2, 'CreateSnapshots', ec2.volumes, volumes),
    ...volumes.map(({ id, data }) =>
      coming(ec2, 'CreateSnapshots', 'snapshot', tags, {
        'ec2:ParentVolume': ec2.arn('volume', id),
        'ec2:VolumeSize': String(data.Size),
        'ec2:SourceAvailabilityZone': ec2.zone,
      }),
    ),
    ...taggingAtCreation(
      ec2,
      'CreateSnapshots',
      copies.length > 0 && tags.length === 0 ? [{ ResourceType: 'snapshot', Tags: copies }] : tags,
    ),
  ];
}
