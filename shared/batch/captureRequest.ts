import type { CreateImageCommandInput, CreateSnapshotsCommandInput } from '@aws-sdk/client-ec2';
import type { Config } from '../config.ts';
import type { Policy } from '../policy/policy.ts';
import { description, expandTags, imageName, type TemplateValues } from '../policy/template.ts';
import { TAG, tagList } from '../tags.ts';
import type { Batch, BatchItem } from './batch.ts';
import { copiedTags } from './copiedTags.ts';
import { batchTag } from './reference.ts';

/** The image of one instance, without a reboot unless the policy asks for one; its name makes a repeat findable. */
export function imageRequest(
  batch: Batch,
  policy: Extract<Policy, { capture: 'ami' }>,
  item: BatchItem,
  made: { config: Config; now: Date },
): CreateImageCommandInput & { Name: string } {
  const values = placeholders(batch, item, made);
  const Tags = pointTags(batch, item, made);
  return {
    InstanceId: item.instanceId,
    Name: imageName(policy.imageName, values),
    Description: description(policy.description, values),
    NoReboot: policy.consistency !== 'reboot',
    ...(item.leftOut.length > 0 && {
      BlockDeviceMappings: item.leftOut.map(({ deviceName }) => ({ DeviceName: deviceName, NoDevice: '' })),
    }),
    TagSpecifications: [
      { ResourceType: 'image', Tags },
      { ResourceType: 'snapshot', Tags },
    ],
  };
}

/** All wanted volumes of one instance at one moment. */
export function snapshotsRequest(
  batch: Batch,
  item: BatchItem,
  made: { config: Config; now: Date },
): CreateSnapshotsCommandInput {
  const leftOutData = item.leftOut.filter(({ deviceName }) => deviceName !== item.rootDeviceName);
  return {
    InstanceSpecification: {
      InstanceId: item.instanceId,
      ExcludeBootVolume: item.leftOut.length > leftOutData.length,
      ...(leftOutData.length > 0 && { ExcludeDataVolumeIds: leftOutData.map(({ volumeId }) => volumeId) }),
    },
    Description: description(batch.policy.description, placeholders(batch, item, made)),
    TagSpecifications: [{ ResourceType: 'snapshot', Tags: pointTags(batch, item, made) }],
  };
}

/** Id of the point that is a set of snapshots. */
export function setId(
  { runId }: Pick<Batch, 'runId'>,
  { instanceId }: Pick<BatchItem, 'instanceId'>,
): string {
  return `${runId}/${instanceId}`;
}

/** What the policy's templates may name. */
export function placeholders(
  { runId, policy, region, accountId }: Batch,
  { instanceId }: BatchItem,
  { config, now }: { config: Config; now: Date },
): TemplateValues {
  const { deployment } = config;
  return { account: accountId, region, deployment, policy: policy.name, runId, instanceId, at: now };
}

/** The tags with which a capture begins; they make it findable, and ours, from its first moment. */
function pointTags(batch: Batch, item: BatchItem, made: { config: Config; now: Date }) {
  const { policy, runId } = batch;
  const tags: Record<string, string> = {
    ...copiedTags(item.tags, policy.copyTags.instance),
    ...expandTags(policy.tags, placeholders(batch, item, made)),
    [TAG.deployment]: made.config.deployment,
    [TAG.run]: runId,
    [TAG.batch]: batchTag(batch),
    [TAG.resource]: item.instanceId,
    [TAG.policy]: policy.name,
    [TAG.status]: 'pending',
    // Not later than what the snapshots hold: they begin with this call or after it.
    [TAG.created]: made.now.toISOString(),
    [TAG.fingerprint]: `${batch.fingerprintKey}#${item.instanceId}`,
  };
  if (policy.capture !== 'snapshots') return tagList(tags);
  return tagList({ ...tags, [TAG.set]: setId(batch, item), [TAG.members]: String(item.volumes.length) });
}
