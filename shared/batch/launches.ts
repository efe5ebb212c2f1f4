import type { Instance, Volume } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import type { keptLaunches } from '../evidenceStore.ts';
import { fingerprint } from '../fingerprint.ts';
import { fingerprintOf } from '../instanceFacts.ts';
import { instant } from '../instant.ts';
import { volumeIdsOf } from './targets.ts';
import { type KnownUserData, launchName } from './userData.ts';

/** How an instance of a batch was launched, but for its user data, which takes a call of its own. */
export const batchLaunch = v.object({
  instanceId: v.string(),
  /** ISO 8601: of its last start. */
  launchTime: instant,
  fingerprint,
});
export type BatchLaunch = v.InferOutput<typeof batchLaunch>;

/** The launches of these instances, by instance id. */
export function batchLaunches(
  instances: readonly Instance[],
  volumes: ReadonlyMap<string, Volume>,
): Map<string, BatchLaunch> {
  const launches = new Map<string, BatchLaunch>();
  for (const instance of instances) {
    const instanceId = instance.InstanceId ?? '';
    const own = volumeIdsOf(instance).flatMap((volumeId) => volumes.get(volumeId) ?? []);
    const launchTime = (instance.LaunchTime ?? new Date(0)).toISOString();
    launches.set(instanceId, {
      instanceId,
      launchTime,
      fingerprint: fingerprintOf(instance, own, undefined),
    });
  }
  return launches;
}

/** What the batch keeps of all of them, with the hash and the place of their user data. */
export function launchesOf(
  launches: readonly BatchLaunch[],
  known: ReadonlyMap<string, KnownUserData>,
): v.InferInput<typeof keptLaunches> {
  const kept = launches.map(({ fingerprint, ...launch }) => {
    const { sha256, key } = known.get(launchName(launch)) ?? {};
    const whole = {
      fingerprint: { ...fingerprint, userDataSha256: sha256 },
      ...(sha256 && { userDataKey: key }),
    };
    return [launch.instanceId, whole] as const;
  });
  return Object.fromEntries(kept);
}
