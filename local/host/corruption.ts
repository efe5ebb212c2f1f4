import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Corruption } from './host.ts';
import type { Instance } from './instance.ts';
import type { Capabilities } from './isolation.ts';
import type { Volumes } from './volumes.ts';

/** What was damaged, for a test or a person to compare with the report. */
export interface Damage {
  kind: Corruption['kind'];
  /** The path on the instance; for `stale` the device's volume ids instead. */
  path: string;
}

/** @throws Error naming what this machine cannot do. */
export function checkCorruption(corruption: Corruption, capabilities: Capabilities): void {
  if (corruption.kind === 'owner' && !capabilities.root)
    throw new Error('corruption `owner` needs root: without it no file can be given to another user');
}

/** Puts older backups in the place of an instance's volumes, before it boots. */
export async function makeStale(volumes: Volumes, volumeIds: string[]): Promise<Damage> {
  for (const volumeId of volumeIds) await volumes.makeStale(volumeId);
  return { kind: 'stale', path: volumeIds.join(' ') };
}

/** Damages one file on the data volumes of an instance that has just come up. @throws Error when there is none. */
export async function damage(instance: Instance, corruption: Corruption): Promise<Damage> {
  const script = await readFile(join(import.meta.dirname, 'damage.sh'), 'utf8');
  const outcome = await instance.run(script, { SSM_Kind: corruption.kind }, { canReachS3: false });
  if (outcome.exitCode !== 0) throw new Error(`corruption ${corruption.kind}: ${outcome.stderr.trim()}`);
  return { kind: corruption.kind, path: outcome.stdout };
}
