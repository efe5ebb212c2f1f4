import type { Instance, Volume } from '@aws-sdk/client-ec2';
import type { Fingerprint } from '../fingerprint.ts';
import { fingerprintOf } from '../instanceFacts.ts';
import { volumeIdsOf } from './targets.ts';

/** How each of these instances was launched, by its id, as an entry of one object. */
export function fingerprintsOf(
  instances: readonly Instance[],
  volumes: ReadonlyMap<string, Volume>,
): Map<string, [[string, Fingerprint]]> {
  const prints = new Map<string, [[string, Fingerprint]]>();
  for (const instance of instances) {
    const id = instance.InstanceId ?? '';
    const own = volumeIdsOf(instance).flatMap((volumeId) => volumes.get(volumeId) ?? []);
    prints.set(id, [[id, fingerprintOf(instance, own, undefined)]]);
  }
  return prints;
}
