import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBaseImage } from './baseImage.ts';
import type { Distribution } from './host.ts';
import type { Capabilities } from './isolation.ts';
import { execute, must } from './process.ts';

/** Bytes of a volume that is an ext4 image: small, so that copies are quick, and sparse. */
const IMAGE_BYTES = 128 * 1024 * 1024;
/** What a volume or snapshot consists of: `superblock` and `tree`, or the `image` of a block device. */
const PARTS = ['superblock', 'tree', 'image'];
/** Directories of a root volume that the kernel or tmpfs covers on a real instance. */
const COVERED = ['dev', 'proc', 'sys', 'run', 'tmp'];

interface Snapshot {
  path: string;
  volumeId: string;
  /** The file system's label: what tells which volumes of two backups are the same one's. */
  label: string;
  order: number;
  /** Not a backup: the image that AWS publishes. */
  base: boolean;
}

/** The disks of the account, each a directory below `volumes/`; snapshots below `snapshots/` are whole copies. */
export class Volumes {
  readonly #directory: string;
  readonly #capabilities: Capabilities;
  readonly #loops: boolean;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #origins = new Map<string, Snapshot>();
  /** Deleted snapshots, the latest by label: a stale copy is made from them. */
  readonly #aside = new Map<string, Snapshot>();
  readonly #removals: Promise<void>[] = [];
  #order = 0;
  #parents: Promise<unknown> | undefined;
  readonly #salt = randomUUID();

  constructor(directory: string, capabilities: Capabilities, loops: boolean) {
    this.#directory = directory;
    this.#capabilities = capabilities;
    this.#loops = loops;
  }

  path(volumeId: string): string {
    return join(this.#home('volumes', volumeId), volumeId);
  }

  async createBlank(volumeId: string): Promise<void> {
    await this.#makeParents();
    await mkdir(this.path(volumeId), { recursive: true });
    if (!this.#loops) return;
    const image = await open(join(this.path(volumeId), 'image'), 'w');
    await image.truncate(IMAGE_BYTES);
    await image.close();
  }

  async create(volumeId: string, snapshotId: string): Promise<void> {
    const snapshot = this.#snapshots.get(snapshotId);
    if (!snapshot) throw new Error(`snapshot ${snapshotId} is not on this machine`);
    this.#origins.set(volumeId, snapshot);
    await this.#copy(snapshot.path, this.path(volumeId));
  }

  async createBase(snapshotId: string, distribution: Distribution): Promise<void> {
    await this.#makeParents();
    const path = this.#snapshotPath(snapshotId);
    await mkdir(path, { recursive: true });
    await writeBaseImage(path, distribution);
    this.#snapshots.set(snapshotId, { path, volumeId: '', label: '/', order: this.#order++, base: true });
  }

  /** Copies a volume whose file system nobody else has mounted into it; an image is not flushed first. */
  async snapshot(volumeId: string, snapshotId: string): Promise<void> {
    const path = this.#snapshotPath(snapshotId);
    await this.#copy(this.path(volumeId), path);
    const label = await this.#label(path);
    if (label === '/') {
      for (const directory of COVERED) {
        await this.#remove(join(path, 'tree', directory));
        await mkdir(join(path, 'tree', directory));
      }
    }
    this.#snapshots.set(snapshotId, { path, volumeId, label, order: this.#order++, base: false });
  }

  async remove(volumeId: string): Promise<void> {
    await this.#remove(this.#home('volumes', volumeId));
    this.#origins.delete(volumeId);
  }

  async removeSnapshot(snapshotId: string): Promise<void> {
    const snapshot = this.#snapshots.get(snapshotId);
    if (!snapshot) return;
    this.#snapshots.delete(snapshotId);
    if (snapshot.base) return await this.#remove(snapshot.path);
    const path = join(this.#directory, 'aside', snapshotId);
    await mkdir(join(this.#directory, 'aside'), { recursive: true });
    const former = this.#aside.get(snapshot.label);
    if (former) await this.#remove(former.path);
    await rename(snapshot.path, path);
    snapshot.path = path;
    this.#aside.set(snapshot.label, snapshot);
  }

  /** Whether a volume was made from a backup, not from a published image or from nothing. */
  isRestored(volumeId: string): boolean {
    return this.#origins.get(volumeId)?.base === false;
  }

  /** Puts the latest earlier backup of the same volume in its place. @throws Error when there is none. */
  async makeStale(volumeId: string): Promise<void> {
    const own = this.#origins.get(volumeId);
    if (!own) return;
    const older = [...this.#snapshots.values(), ...this.#aside.values()]
      .filter((other) => other.label === own.label && !other.base && other.order < own.order)
      .sort((a, b) => b.order - a.order)[0];
    if (!older)
      throw new Error(`no older backup of the volume labelled ${own.label} to restore: run a drill first`);
    await this.#remove(this.path(volumeId));
    await this.#copy(older.path, this.path(volumeId));
  }

  hasImage(volumeId: string): boolean {
    return existsSync(join(this.path(volumeId), 'image'));
  }

  /** Bytes that the data of volumes take up. */
  async bytes(volumeIds: string[]): Promise<number> {
    const paths = volumeIds.map((volumeId) => this.path(volumeId));
    const { stdout } = await execute([...this.#asOwner(), 'du', '-s', '--block-size=1', ...paths]);
    return stdout.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
  }

  async removeAll(): Promise<void> {
    for (const part of ['volumes', 'snapshots', 'aside']) await this.#remove(join(this.#directory, part));
    await Promise.all(this.#removals);
    await this.#delete(join(this.#directory, 'removed'));
  }

  /**
   * Says that volumes and snapshots have nothing to do with one another, so that ext4 spreads them over the disk, by
   * their names. Side by side, or where a former run had its own, each new file searches past all that were deleted in
   * the last minutes, which makes a copy ten times as long.
   */
  #makeParents(): Promise<unknown> {
    const parents = ['volumes', 'snapshots'].map((part) => join(this.#directory, part));
    this.#parents ??= Promise.all(parents.map((parent) => mkdir(parent, { recursive: true }))).then(
      () => execute(['chattr', '+T', ...parents]), // another file system refuses, and needs it not
    );
    return this.#parents;
  }

  #snapshotPath(snapshotId: string): string {
    return this.#home('snapshots', snapshotId);
  }

  /** Ids are the same in every run. */
  #home(part: string, id: string): string {
    return join(this.#directory, part, `${id}-${this.#salt}`);
  }

  async #label(path: string): Promise<string> {
    if (existsSync(join(path, 'image'))) {
      const probe = await execute(['blkid', '-p', '-s', 'LABEL', '-o', 'value', join(path, 'image')]);
      return probe.stdout.trim();
    }
    const superblock = await readFile(join(path, 'superblock'), 'utf8').catch(() => '');
    return /^LABEL=(.*)$/m.exec(superblock)?.[1] ?? '';
  }

  /** Owners, modes, times, links, holes and odd names stay. */
  async #copy(from: string, to: string): Promise<void> {
    await mkdir(to, { recursive: true });
    const parts = PARTS.map((part) => join(from, part)).filter((part) => existsSync(part));
    if (parts.length === 0) return;
    const copy = ['cp', '-a', '--reflink=auto', '--sparse=always', ...parts, to];
    const image = join(from, 'image');
    // The kernel may write an image back while it is read: a copy is one moment's state if nothing was written meanwhile.
    for (let attempt = 0; attempt < 20; attempt++) {
      const before = await lastWrite(image);
      await must([...this.#asOwner(), ...copy]);
      if ((await lastWrite(image)) === before) return;
    }
    throw new Error(`${from} is written to without a pause: no copy of one moment`);
  }

  /** Puts a directory away at once and deletes it while other things go on: many small files take a disk long. */
  async #remove(path: string): Promise<void> {
    if (!existsSync(path)) return;
    const away = join(this.#directory, 'removed', String(this.#order++));
    await mkdir(join(this.#directory, 'removed'), { recursive: true });
    await rename(path, away);
    const removal = this.#delete(away);
    removal.catch(() => undefined); // `removeAll` tells
    this.#removals.push(removal);
  }

  async #delete(path: string): Promise<void> {
    const search = ['find', path, '-type', 'd', '!', '-perm', '-700', '-exec', 'chmod', 'u+rwx', '{}', '+'];
    if (!this.#capabilities.root) await execute([...this.#asOwner(), ...search]);
    await must([...this.#asOwner(), 'rm', '-rf', '--', path]);
  }

  /** In a user namespace, what the instance owns is ours even where its mode shuts its owner out. */
  #asOwner(): string[] {
    return this.#capabilities.unshare.includes('--user') ? ['unshare', '--user', '--map-root-user'] : [];
  }
}

/** When a file was last written, in nanoseconds; undefined when it is not there. */
async function lastWrite(path: string): Promise<bigint | undefined> {
  if (!existsSync(path)) return undefined;
  return (await stat(path, { bigint: true })).mtimeNs;
}
