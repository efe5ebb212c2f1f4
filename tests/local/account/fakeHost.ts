import type { Host } from '../../../local/host/host.ts';

/** A host whose disks are words in memory: a volume's data is whatever a test writes into `volumes`. */
export class FakeHost implements Host {
  corrupt: Host['corrupt'];
  readonly volumes = new Map<string, string>();
  readonly snapshots = new Map<string, string>();
  /** What happened to guests, in order: `boot i-… vol-… vol-…`, `shutdown i-…`. */
  readonly events: string[] = [];

  addHollow(id: string): void {
    (id.startsWith('snap-') ? this.snapshots : this.volumes).set(id, 'hollow');
  }

  async createBlankVolume(volumeId: string): Promise<void> {
    this.volumes.set(volumeId, 'blank');
  }

  async createVolume(volumeId: string, snapshotId: string): Promise<void> {
    this.volumes.set(volumeId, read(this.snapshots, snapshotId));
  }

  async snapshotVolume(volumeId: string, snapshotId: string): Promise<void> {
    this.snapshots.set(snapshotId, read(this.volumes, volumeId));
  }

  async deleteVolume(volumeId: string): Promise<void> {
    read(this.volumes, volumeId);
    this.volumes.delete(volumeId);
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    read(this.snapshots, snapshotId);
    this.snapshots.delete(snapshotId);
  }

  async createBaseImage(snapshotId: string): Promise<void> {
    this.snapshots.set(snapshotId, 'Amazon Linux');
  }

  async boot(instance: { instanceId: string; rootVolumeId: string; volumeIds: string[] }): Promise<void> {
    for (const id of [instance.rootVolumeId, ...instance.volumeIds]) read(this.volumes, id);
    this.events.push(`boot ${[instance.instanceId, ...instance.volumeIds].join(' ')}`);
  }

  async shutdown(instanceId: string): Promise<void> {
    this.events.push(`shutdown ${instanceId}`);
  }

  /** What every command comes to; a test may give it another meaning. */
  run: Host['run'] = async () => ({ exitCode: 0, stdout: '', stderr: '' });

  readonly fileSystems = new Map<string, string>();

  createFileSystem(fileSystemId: string, directory = ''): void {
    this.fileSystems.set(fileSystemId, directory);
  }

  takesRealTime(): boolean {
    return false;
  }

  async bytesOnVolumes(): Promise<number> {
    return 0;
  }
}

function read(disks: Map<string, string>, id: string): string {
  const data = disks.get(id);
  if (data === undefined) throw new Error(`the host has no ${id}`);
  return data;
}
