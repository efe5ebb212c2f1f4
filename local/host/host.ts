/** What damages a restored copy before its first boot; each kind breaks one real thing. */
export type CorruptionKind =
  | 'flip'
  | 'truncate'
  | 'missing'
  | 'extra'
  | 'mode'
  | 'owner'
  | 'stale'
  | 'volume';

/** A fault of the local account: the volumes of the next instance that is launched from a backup are damaged. */
export interface Corruption {
  kind: CorruptionKind;
}

/** What a command on an instance came to. */
export interface CommandOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** It ran longer than it may and was killed, with everything that it had started. */
  timedOut?: boolean;
}

/** Which system a public image holds. */
export type Distribution = 'amazon-linux' | 'ubuntu';

/** An instance that is to boot. */
export interface Machine {
  instanceId: string;
  rootVolumeId: string;
  volumeIds: string[];
  /** Network file systems that it can reach and mount. */
  fileSystems?: string[];
  /** What cloud-init is to run at the first boot. */
  userData?: string;
}

export interface RunOptions {
  canReachS3: boolean;
  /** Real ones. */
  timeoutSeconds?: number;
  /** Kills it, with everything that it has started. */
  signal?: AbortSignal;
}

/** The machine under the simulated account: disks, boot, shell. Data is real, time is not (each call takes none). */
export interface Hardware {
  /**
   * Damages the next instance restored from a backup, once. Every kind but `volume` is done by `boot`; `volume` is
   * RunInstances leaving out one data volume of the image, since then it is missing from the API too.
   * @throws Error when set to what this machine cannot do (`owner` without root), saying so.
   */
  corrupt: Corruption | undefined;
  createBlankVolume(volumeId: string): Promise<void>;
  /** A copy of the snapshot. */
  createVolume(volumeId: string, snapshotId: string): Promise<void>;
  /** A copy of the volume as it is at this moment. */
  snapshotVolume(volumeId: string, snapshotId: string): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** The root volume of a public image, as a snapshot. */
  createBaseImage(snapshotId: string, distribution?: Distribution): Promise<void>;
  /** Makes a network file system: a directory of this machine, an empty one of the host's own unless told. */
  createFileSystem(fileSystemId: string, directory?: string): void;
  /** First or later boot: new boot id, mounts of /etc/fstab; a new instance id runs first-boot steps (host keys, machine-id). */
  boot(machine: Machine): Promise<void>;
  shutdown(instanceId: string): Promise<void>;
  /** Runs a script as root in the instance, as the SSM agent does; `timeoutSeconds` are real ones. */
  run(
    instanceId: string,
    script: string,
    environment: Record<string, string>,
    options: RunOptions,
  ): Promise<CommandOutcome>;
  /**
   * Whether what an instance does takes real time, during which others look on: one that works on network file
   * systems. Of all others time stands still while they work.
   */
  takesRealTime(instanceId: string): boolean;
  /** Bytes in use on the volumes of an instance that is up, from which the time of reading them is told. */
  bytesOnVolumes(instanceId: string): Promise<number>;
}

/** What the account runs on: the machine, and what is not on it at all. */
export interface Host extends Hardware {
  /**
   * Lets a volume, a snapshot or an instance be there that has no data, and nothing on this machine: one of a fleet that
   * is there to be counted. What is copied from it has no data either.
   */
  addHollow(id: string): void;
}
