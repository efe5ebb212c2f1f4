import { createHash } from 'node:crypto';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** The user data of an instance since its launch: it can only be changed while the instance is stopped. */
export interface KnownUserData {
  /** Key in the evidence bucket; an empty object when there is none. */
  key: string;
  sha256: string | undefined;
}

/** One launch of an instance. */
export interface Launch {
  instanceId: string;
  /** ISO 8601: of its last start. */
  launchTime: string;
}

const NONE = 'none';

function prefixOf(region: string): string {
  return `points/user-data/${region}/`;
}

/** Where the user data of a launch is kept; its hash stands in the key, so that a list tells it. */
export function userDataPlace(
  region: string,
  launch: Launch,
  content: Uint8Array | undefined,
): KnownUserData {
  const sha256 = content && createHash('sha256').update(content).digest('hex');
  return { key: `${prefixOf(region)}${launchName(launch)}/${sha256 ?? NONE}`, sha256 };
}

/** `i-…/1795512472027`, by which a launch is known again. */
export function launchName({ instanceId, launchTime }: Launch): string {
  return `${instanceId}/${Date.parse(launchTime)}`;
}

/** The user data of a Region that earlier backups have kept, by launch. A thousand a call. */
export async function knownUserData(
  client: S3Client,
  bucket: string,
  region: string,
): Promise<Map<string, KnownUserData>> {
  const prefix = prefixOf(region);
  const known = new Map<string, KnownUserData>();
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    for (const { Key = '' } of page.Contents ?? []) {
      const [instanceId, launchedAt, hash] = Key.slice(prefix.length).split('/');
      const sha256 = hash === NONE ? undefined : hash;
      known.set(`${instanceId}/${launchedAt}`, { key: Key, sha256 });
    }
  return known;
}
