import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { policy } from '../../../shared/policy/policy.ts';
import type { Keep } from '../../../shared/retention/keep.ts';
import { TAG } from '../../../shared/tags.ts';
import type { Simulated } from '../simulated.ts';

export const DEPLOYMENT = 'backup-drill-test';
export const DAY = 24 * 3600 * 1000;

/** A policy `nightly` that keeps `keep`; `more` is what differs. */
export function nightly(keep: Keep, more: object = {}) {
  return v.parse(policy, { name: 'nightly', capture: 'ami', keep, ...more });
}

/** A point of an earlier day to let be there. */
export interface Former {
  capture?: 'ami' | 'snapshots';
  resource?: string;
  daysAgo: number;
  /** Tags that differ; undefined leaves one out. */
  tags?: Record<string, string | undefined>;
  volumes?: number;
}

/** Lets points be there, verified and owned unless their tags say else. Answers with their ids, as retention has them. */
export function seed(simulated: Simulated, formers: readonly Former[]): string[] {
  return formers.map(
    ({ capture = 'ami', resource = 'i-00000000000000001', daysAgo, tags = {}, volumes = 2 }, at) => {
      const time = simulated.clock.now() - daysAgo * DAY;
      const set = `run-${daysAgo}-${at}/${resource}`;
      const all: Record<string, string | undefined> = {
        [TAG.deployment]: DEPLOYMENT,
        [TAG.policy]: 'nightly',
        [TAG.run]: `run-${daysAgo}`,
        [TAG.resource]: resource,
        [TAG.status]: 'verified',
        [TAG.consistency]: 'rebooted',
        [TAG.created]: new Date(time).toISOString(),
        ...(capture === 'snapshots' && { [TAG.set]: set, [TAG.members]: `${volumes}` }),
        ...tags,
      };
      const [ids] = simulated.ec2.seedPoints([
        {
          capture,
          instanceId: resource,
          at: time,
          tags: Object.fromEntries(
            Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
          ),
          volumes: Array.from({ length: volumes }, (_, volume) => ({
            volumeId: `vol-0000000000000000${volume}`,
            size: 8,
          })),
        },
      ]);
      return ids?.imageId ?? set;
    },
  );
}

/** What the account has: images by id, and snapshots by id with the state of the tag. */
export async function images(simulated: Simulated): Promise<string[]> {
  const { Images } = await simulated.call('ec2', 'DescribeImages', { Owners: ['self'] });
  return Images.map((image: { ImageId: string }) => image.ImageId);
}

export async function snapshots(
  simulated: Simulated,
): Promise<{ id: string; tags: Record<string, string> }[]> {
  const { Snapshots } = await simulated.call('ec2', 'DescribeSnapshots', { OwnerIds: ['self'] });
  return Snapshots.map(
    ({ SnapshotId, Tags }: { SnapshotId: string; Tags: { Key: string; Value: string }[] }) => ({
      id: SnapshotId,
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
    }),
  );
}

/** A gzipped list in a bucket. */
export async function listAt(simulated: Simulated, { bucket, key }: { bucket: string; key: string }) {
  const { Body } = await simulated.call('s3', 'GetObject', { Bucket: bucket, Key: key });
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body) chunks.push(chunk);
  return JSON.parse(gunzipSync(Buffer.concat(chunks)).toString());
}
