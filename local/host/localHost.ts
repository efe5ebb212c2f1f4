import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { firstBoot } from './baseImage.ts';
import { checkCorruption, type Damage, damage, makeStale } from './corruption.ts';
import type { CommandOutcome, Corruption, Distribution, Hardware, Machine, RunOptions } from './host.ts';
import { Instance } from './instance.ts';
import { type Capabilities, detectCapabilities, type Isolation } from './isolation.ts';
import { Timers } from './timers.ts';
import { Volumes } from './volumes.ts';

export interface LocalHostOptions {
  /** How instances are kept apart; `auto` takes the best that the machine allows. */
  isolation?: 'auto' | Isolation;
  /** `loop`: data volumes are ext4 images on loop devices, with the real tools; root on Linux only. */
  disks?: 'directories' | 'loop';
}

/** This machine as the hardware of the account: directories or images for disks, its shell for the instances'. */
export class LocalHost implements Hardware {
  readonly isolation: Isolation;
  readonly disks: 'directories' | 'loop';
  /** What the last corruption did. */
  damaged: Damage | undefined;
  readonly #clock: Clock;
  readonly #capabilities: Capabilities;
  readonly #volumes: Volumes;
  readonly #up = new Map<string, { instance: Instance; timers: Timers }>();
  readonly #fileSystems = new Map<string, string>();
  readonly #directory: string;
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #over = false;
  #corrupt: Corruption | undefined;

  /**
   * @param directory an empty directory for volumes and snapshots.
   * @throws Error when the machine cannot do what the options ask for, naming it.
   */
  constructor(directory: string, clock: Clock, options: LocalHostOptions = {}) {
    this.#clock = clock;
    this.#directory = directory;
    this.#capabilities = detectCapabilities(options.isolation ?? 'auto');
    this.isolation = this.#capabilities.isolation;
    this.disks = options.disks ?? 'directories';
    const loops = this.disks === 'loop';
    if (loops && !(this.#capabilities.root && this.isolation === 'namespace'))
      throw new Error('disks on loop devices need root on Linux');
    this.#volumes = new Volumes(directory, this.#capabilities, loops);
  }

  get corrupt(): Corruption | undefined {
    return this.#corrupt;
  }

  set corrupt(corruption: Corruption | undefined) {
    if (corruption) checkCorruption(corruption, this.#capabilities);
    this.#corrupt = corruption;
  }

  createBlankVolume(volumeId: string): Promise<void> {
    return this.#work(() => this.#volumes.createBlank(volumeId));
  }

  createVolume(volumeId: string, snapshotId: string): Promise<void> {
    return this.#work(() => this.#volumes.create(volumeId, snapshotId));
  }

  createBaseImage(snapshotId: string, distribution: Distribution = 'amazon-linux'): Promise<void> {
    return this.#work(() => this.#volumes.createBase(snapshotId, distribution));
  }

  createFileSystem(
    fileSystemId: string,
    directory = join(this.#directory, 'fileSystems', fileSystemId),
  ): void {
    mkdirSync(directory, { recursive: true });
    this.#fileSystems.set(fileSystemId, directory);
  }

  deleteVolume(volumeId: string): Promise<void> {
    return this.#work(() => this.#volumes.remove(volumeId));
  }

  deleteSnapshot(snapshotId: string): Promise<void> {
    return this.#work(() => this.#volumes.removeSnapshot(snapshotId));
  }

  snapshotVolume(volumeId: string, snapshotId: string): Promise<void> {
    const path = this.#volumes.path(volumeId);
    const up = [...this.#up.values()].find(({ instance }) => instance.volumes.includes(path));
    if (!up) return this.#work(() => this.#volumes.snapshot(volumeId, snapshotId));
    return this.#inTurn(up.instance.id, async () => {
      const mounts = await up.instance.unmountAll();
      await this.#volumes.snapshot(volumeId, snapshotId);
      await up.instance.mountAgain(mounts);
    });
  }

  boot(machine: Machine): Promise<void> {
    return this.#inTurn(machine.instanceId, async () => {
      const { instanceId, rootVolumeId } = machine;
      const ids = [rootVolumeId, ...machine.volumeIds.filter((id) => id !== rootVolumeId)];
      const corruption = this.#volumes.isRestored(rootVolumeId) ? this.#takeCorruption() : undefined;
      if (corruption?.kind === 'stale') this.damaged = await makeStale(this.#volumes, ids);
      const instance = new Instance(
        instanceId,
        ids.map((id) => this.#volumes.path(id)),
        this.#capabilities,
        new Map(machine.fileSystems?.map((id) => [id, this.#fileSystems.get(id) ?? '']) ?? []),
      );
      const isFirst = await firstBoot(instance.root, instanceId);
      await instance.start(this.disks === 'loop');
      if (isFirst && machine.userData) await this.#runUserData(instance, machine.userData);
      const spool = join(this.#volumes.path(rootVolumeId), 'timers');
      const fire = (command: string) => this.run(instanceId, command, {}, { canReachS3: false });
      this.#up.set(instanceId, { instance, timers: new Timers(this.#clock, spool, fire) });
      if (corruption && corruption.kind !== 'stale') this.damaged = await damage(instance, corruption);
    });
  }

  shutdown(instanceId: string): Promise<void> {
    return this.#inTurn(instanceId, () => this.#powerOff(instanceId));
  }

  run(
    instanceId: string,
    script: string,
    environment: Record<string, string>,
    options: RunOptions,
  ): Promise<CommandOutcome> {
    const work = async () => {
      const up = this.#up.get(instanceId);
      if (!up) throw new Error(`${instanceId} is not up`);
      const outcome = await up.instance.run(script, environment, options);
      await up.timers.update();
      return outcome;
    };
    return this.takesRealTime(instanceId) ? work() : this.#inTurn(instanceId, work);
  }

  takesRealTime(instanceId: string): boolean {
    return (this.#up.get(instanceId)?.instance.fileSystems.size ?? 0) > 0;
  }

  bytesOnVolumes(instanceId: string): Promise<number> {
    return this.#inTurn(instanceId, async () => {
      const paths = this.#up.get(instanceId)?.instance.volumes ?? [];
      return paths.length === 0 ? 0 : await this.#volumes.bytes(paths.map((path) => basename(path)));
    });
  }

  /**
   * Powers everything off and removes every volume and snapshot. What is under way ends first: a boot would go on to
   * mount what is being removed. What is asked afterwards is never done.
   */
  async dispose(): Promise<void> {
    this.#over = true;
    await Promise.allSettled(this.#underWay);
    for (const instanceId of [...this.#up.keys()]) await this.#powerOff(instanceId);
    await this.#volumes.removeAll();
  }

  async #powerOff(instanceId: string): Promise<void> {
    const up = this.#up.get(instanceId);
    this.#up.delete(instanceId);
    up?.timers.cancelAll();
    await up?.instance.stop();
  }

  /**
   * As cloud-init does, whatever comes of it. Without namespaces a script that does not know the instance's root would
   * change this machine, and is left out.
   */
  async #runUserData(instance: Instance, script: string): Promise<void> {
    if (this.isolation === 'root-parameter' && !script.includes('SSM_Root')) return;
    if (script.startsWith('#!')) await instance.run(script, {}, { canReachS3: true });
  }

  /** The corruption that is due, once; a volume is left out by RunInstances, not here. */
  #takeCorruption(): Corruption | undefined {
    if (this.#corrupt?.kind === 'volume') return undefined;
    const corruption = this.#corrupt;
    this.#corrupt = undefined;
    return corruption;
  }

  /** One thing at a time on an instance, and time stands still meanwhile. */
  #inTurn<T>(instanceId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(instanceId) ?? Promise.resolve();
    const mine = this.#work(() => before.then(work));
    this.#queues.set(
      instanceId,
      mine.catch(() => undefined),
    );
    return mine;
  }

  /** Time stands still while the machine works. */
  #work<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over) return new Promise(() => {});
    const mine = this.#clock.hold(work);
    this.#underWay.add(mine);
    const end = () => this.#underWay.delete(mine);
    mine.then(end, end);
    return mine;
  }
}
