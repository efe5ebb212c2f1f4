import * as v from 'valibot';
import type { Config } from '../config.ts';
import { expandTags, type TemplateValues } from '../policy/template.ts';
import { TAG } from '../tags.ts';
import { tagValues } from '../tagValues.ts';
import type { Batch, BatchItem } from './batch.ts';
import { placeholders } from './captureRequest.ts';
import { copiedTags } from './copiedTags.ts';

/** Resources of one CreateTags call, at most. */
const RESOURCES = 500; // AWS documents no figure for it; a thousand were seen to be taken

/** One CreateTags call: the same tags for all of these. */
export const tagJob = v.object({
  ids: v.array(v.string()),
  tags: tagValues,
  /** `point`: what the point is, without which it is none; `policy`: what the policy wants besides. */
  of: v.picklist(['point', 'policy']),
});
export type TagJob = v.InferOutput<typeof tagJob>;
type Put = (ids: readonly string[], tags: Record<string, string>, of: TagJob['of']) => void;

/**
 * Every tag that the end of a batch puts on: what became of each point, the tags of its volumes, and what the policy
 * wants on instances and volumes that are backed up. Points come first; the order is the same at each try.
 */
export function tagJobs(batch: Batch, config: Config): TagJob[] {
  const groups = new Map<string, TagJob>();
  const put: Put = (ids, tags, of) => {
    if (ids.length === 0 || Object.keys(tags).length === 0) return;
    const key = JSON.stringify([of, tags]);
    const group = groups.get(key) ?? { ids: [], tags, of };
    groups.set(key, group);
    group.ids.push(...ids);
  };
  for (const { point, ids = [], consistency = 'crash', manifest, nonce } of batch.items) {
    if (point === 'verified') put(ids, { [TAG.status]: point, [TAG.consistency]: consistency }, 'point');
    if (point === 'failed') put(ids, { [TAG.status]: point }, 'point');
    if (manifest && nonce) put(ids, { [TAG.manifest]: manifest.key, [TAG.nonce]: nonce }, 'point');
  }
  for (const item of batch.items) if (item.state === 'verified') putUsersTags(batch, item, config, put);
  return [...groups.values()].flatMap(inCalls);
}

function putUsersTags(batch: Batch, item: BatchItem, config: Config, put: Put): void {
  const { policy } = batch;
  const { instanceId, pointId = '', capturedAt = '' } = item;
  const now = new Date(capturedAt);
  const imageId = policy.capture === 'ami' ? pointId : undefined;
  const values: TemplateValues = { ...placeholders(batch, item, { config, now }), imageId };
  put([instanceId], expandTags(policy.markDone.instance, values), 'policy');
  for (const { volumeId, deviceName, tags } of item.volumes) {
    const snapshotId = item.snapshots?.find((one) => one.volumeId === volumeId)?.snapshotId;
    if (snapshotId) put([snapshotId], copiedTags(tags, policy.copyTags.volume), 'policy');
    const done = expandTags(policy.markDone.volume, { ...values, volumeId, device: deviceName, snapshotId });
    put([volumeId], done, 'policy');
  }
}

function inCalls({ ids, ...same }: TagJob): TagJob[] {
  const jobs: TagJob[] = [];
  for (let at = 0; at < ids.length; at += RESOURCES)
    jobs.push({ ids: ids.slice(at, at + RESOURCES), ...same });
  return jobs;
}
