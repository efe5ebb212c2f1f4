import type { Config } from '../config.ts';
import { expandTags, type TemplateValues } from '../policy/template.ts';
import { TAG } from '../tags.ts';
import type { Batch, BatchItem } from './batch.ts';
import { placeholders } from './captureRequest.ts';
import { copiedTags } from './copiedTags.ts';

/** Resources of one CreateTags call, at most. */
const RESOURCES = 500; // AWS documents no figure for it; a thousand were seen to be taken

/** One CreateTags call: the same tags for all of these. */
export interface TagJob {
  ids: string[];
  tags: Record<string, string>;
}

/**
 * Every tag that the end of a batch puts on: what became of each point, the tags of its volumes, and what the policy
 * wants on instances and volumes that are backed up. Points come first; the order is the same at each try.
 */
export function tagJobs(batch: Batch, config: Config): TagJob[] {
  const groups = new Map<string, TagJob>();
  const put = (ids: readonly string[], tags: Record<string, string>) => {
    if (ids.length === 0 || Object.keys(tags).length === 0) return;
    const key = JSON.stringify(tags);
    const group = groups.get(key) ?? { ids: [], tags };
    groups.set(key, group);
    group.ids.push(...ids);
  };
  for (const { point, ids = [], consistency = 'crash', manifest, nonce } of batch.items) {
    if (point === 'verified') put(ids, { [TAG.status]: point, [TAG.consistency]: consistency });
    if (point === 'failed') put(ids, { [TAG.status]: point });
    if (manifest && nonce) put(ids, { [TAG.manifest]: manifest.key, [TAG.nonce]: nonce });
  }
  for (const item of batch.items) if (item.state === 'verified') putUsersTags(batch, item, config, put);
  return [...groups.values()].flatMap(inCalls);
}

function putUsersTags(
  batch: Batch,
  item: BatchItem,
  config: Config,
  put: (ids: string[], tags: Record<string, string>) => void,
): void {
  const { policy } = batch;
  const { instanceId, pointId = '', capturedAt = '' } = item;
  const now = new Date(capturedAt);
  const imageId = policy.capture === 'ami' ? pointId : undefined;
  const values: TemplateValues = { ...placeholders(batch, item, { config, now }), imageId };
  put([instanceId], expandTags(policy.markDone.instance, values));
  for (const { volumeId, deviceName, tags } of item.volumes) {
    const snapshotId = item.snapshots?.find((one) => one.volumeId === volumeId)?.snapshotId;
    if (snapshotId) put([snapshotId], copiedTags(tags, policy.copyTags.volume));
    put(
      [volumeId],
      expandTags(policy.markDone.volume, { ...values, volumeId, device: deviceName, snapshotId }),
    );
  }
}

function inCalls({ ids, tags }: TagJob): TagJob[] {
  const jobs: TagJob[] = [];
  for (let at = 0; at < ids.length; at += RESOURCES) jobs.push({ ids: ids.slice(at, at + RESOURCES), tags });
  return jobs;
}
