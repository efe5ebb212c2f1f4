import type { CommandOutcome, Corruption, Distribution, Hardware, Host, Machine } from './host.ts';

const NOTHING_SAID: CommandOutcome = { exitCode: 0, stdout: '', stderr: '' };

/**
 * A host that besides its own can hold volumes, snapshots and instances which are hollow: they have no data, and take
 * nothing of this machine but their ids. Copies of what is hollow are hollow too; everything else is the real host's.
 */
export class HollowDisks implements Host {
  readonly #real: Hardware;
  readonly #hollow = new Set<string>();
  /** What every command on a hollow instance comes to; a test or a measurement may give it another meaning. */
  runHollow: Host['run'] = async () => NOTHING_SAID;

  constructor(real: Hardware) {
    this.#real = real;
  }

  get corrupt(): Corruption | undefined {
    return this.#real.corrupt;
  }

  set corrupt(corruption: Corruption | undefined) {
    this.#real.corrupt = corruption;
  }

  addHollow(id: string): void {
    this.#hollow.add(id);
  }

  createBlankVolume(volumeId: string): Promise<void> {
    return this.#real.createBlankVolume(volumeId);
  }

  async createVolume(volumeId: string, snapshotId: string): Promise<void> {
    if (this.#hollow.has(snapshotId)) this.#hollow.add(volumeId);
    else await this.#real.createVolume(volumeId, snapshotId);
  }

  async snapshotVolume(volumeId: string, snapshotId: string): Promise<void> {
    if (this.#hollow.has(volumeId)) this.#hollow.add(snapshotId);
    else await this.#real.snapshotVolume(volumeId, snapshotId);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    if (!this.#hollow.delete(volumeId)) await this.#real.deleteVolume(volumeId);
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    if (!this.#hollow.delete(snapshotId)) await this.#real.deleteSnapshot(snapshotId);
  }

  createBaseImage(snapshotId: string, distribution?: Distribution): Promise<void> {
    return this.#real.createBaseImage(snapshotId, distribution);
  }

  createFileSystem(fileSystemId: string, directory?: string): void {
    this.#real.createFileSystem(fileSystemId, directory);
  }

  takesRealTime(instanceId: string): boolean {
    return this.#real.takesRealTime(instanceId);
  }

  async boot(instance: Machine): Promise<void> {
    if (this.#hollow.has(instance.rootVolumeId)) this.#hollow.add(instance.instanceId);
    else await this.#real.boot(instance);
  }

  async shutdown(instanceId: string): Promise<void> {
    if (!this.#hollow.has(instanceId)) await this.#real.shutdown(instanceId);
  }

  run: Host['run'] = (instanceId, ...command) =>
    this.#hollow.has(instanceId)
      ? this.runHollow(instanceId, ...command)
      : this.#real.run(instanceId, ...command);

  async bytesOnVolumes(instanceId: string): Promise<number> {
    return this.#hollow.has(instanceId) ? 0 : await this.#real.bytesOnVolumes(instanceId);
  }
}
