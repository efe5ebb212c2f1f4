import type { Instance, Tag, Volume } from '@aws-sdk/client-ec2';
import { namedIds } from '../policy/namedIds.ts';
import type { Policy } from '../policy/policy.ts';
import { matchesTags, selects } from '../policy/selection.ts';
import type { VolumeFacts } from '../recoveryPoint.ts';
import { type BatchItem, type BatchVolume, failed } from './batch.ts';

/** Tags as a record. */
export function tagRecord(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** Ids of the EBS volumes that an instance has. */
export function volumeIdsOf(instance: Instance): string[] {
  return (instance.BlockDeviceMappings ?? []).flatMap((mapping) => mapping.Ebs?.VolumeId ?? []);
}

/** Instances that are on their way out are nobody's resource any more. */
const ENDED = ['shutting-down', 'terminated'];

/** The instances of a Region that a policy selects, and the ids that it names, but that are not there. */
export function selectTargets(
  instances: readonly Instance[],
  policy: Policy,
): { instances: Instance[]; missing: string[] } {
  const living = instances.filter(({ State }) => !ENDED.includes(State?.Name ?? ''));
  const chosen = living.filter(
    ({ InstanceId = '', Tags }) => selects(policy, { id: InstanceId, tags: tagRecord(Tags) }).selected,
  );
  const there = new Set(living.map(({ InstanceId }) => InstanceId));
  return { instances: chosen, missing: namedIds(policy.select).filter((id) => !there.has(id)) };
}

/** What a batch knows of an instance before anything is done with it; one that cannot be captured is failed already. */
export function itemOf(instance: Instance, volumes: ReadonlyMap<string, Volume>, policy: Policy): BatchItem {
  const all = (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName = '', Ebs }) => {
    const volume = volumes.get(Ebs?.VolumeId ?? '');
    return volume ? [volumeOf(DeviceName, volume)] : [];
  });
  const root = instance.RootDeviceName ?? '';
  const wanted = all.filter((volume) => isWanted(volume, root, policy));
  const item: BatchItem = {
    ...blank(instance.InstanceId ?? ''),
    running: instance.State?.Name === 'running',
    rootDeviceName: root,
    volumes: wanted,
    leftOut: all.filter((volume) => !wanted.includes(volume)).map(facts),
    tags: tagRecord(instance.Tags),
  };
  const reason = refusal(instance, wanted, policy);
  return reason ? failed(item, reason) : item;
}

function blank(instanceId: string): BatchItem {
  return {
    instanceId,
    running: false,
    rootDeviceName: '',
    volumes: [],
    leftOut: [],
    tags: {},
    state: 'selected',
  };
}

function volumeOf(deviceName: string, volume: Volume): BatchVolume {
  return {
    volumeId: volume.VolumeId ?? '',
    deviceName,
    sizeGiB: volume.Size ?? 0,
    encrypted: volume.Encrypted ?? false,
    tags: tagRecord(volume.Tags),
  };
}

function facts({ volumeId, deviceName, sizeGiB, encrypted }: BatchVolume): VolumeFacts {
  return { volumeId, deviceName, sizeGiB, encrypted };
}

function isWanted(volume: BatchVolume, root: string, { capture, volumes }: Policy): boolean {
  const isRoot = volume.deviceName === root;
  if (isRoot && capture === 'ami') return true; // an image always has its root
  const { exclude } = volumes;
  const resource = { id: volume.volumeId, tags: volume.tags };
  const excluded = exclude && matchesTags(exclude.tags, resource, 'volumes.exclude').selected;
  return (isRoot ? volumes.root : volumes.data) && !excluded;
}

/** Why an instance cannot be captured as the policy says; undefined when it can. */
function refusal(instance: Instance, wanted: readonly BatchVolume[], policy: Policy): string | undefined {
  const state = instance.State?.Name ?? 'unknown';
  const attached = volumeIdsOf(instance).length;
  if (state !== 'running' && state !== 'stopped') return `it is ${state}`;
  if (instance.RootDeviceType !== 'ebs' && policy.capture === 'ami')
    return 'its root device is not an EBS volume';
  if (attached === 0) return 'it has no EBS volume';
  if (wanted.length === 0) return `the policy leaves out every volume of it (${attached})`;
  return undefined;
}
