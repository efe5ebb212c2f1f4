import { ManifestInvalid } from './errors.ts';

/** The letters of find's %y, and what they are called. */
const KINDS = new Map([
  ['f', 'file'],
  ['d', 'directory'],
  ['l', 'symlink'],
  ['p', 'fifo'],
  ['s', 'socket'],
  ['c', 'character device'],
  ['b', 'block device'],
]);

/** What a manifest says of one entry of a file system. Texts hold one byte a character, since names are bytes. */
export interface ManifestEntry {
  kind: string;
  /** Permission bits, setuid, setgid and sticky included, as written in octal: `644`, `4755`. */
  mode: string;
  uid: string;
  gid: string;
  /** Bytes. */
  size: number;
  /** Seconds since the epoch, with their fraction. */
  mtime: number;
  /** Regular files only; missing when the file vanished before it was hashed. */
  sha256?: string;
  /** Symbolic links only. */
  target?: string;
}

/** The parsed manifest of one instance's data paths. */
export interface Manifest {
  /** Seconds since the epoch when reading began, by the instance's clock. */
  takenAt: number;
  /** By path, `./srv/…`, one byte a character. */
  entries: Map<string, ManifestEntry>;
  hashed: number;
  /** Sum of the sizes of all regular files. */
  bytes: number;
}

const NUL = 0;
const HEADER = /^backup-drill-manifest 1 (\d+)$/;
const TRAILER = /^end (\d+) (\d+)$/;
// The path comes last and may hold anything but NUL, tabs and newlines included.
const ENTRY = /^([fdlpscb])\t([0-7]+)\t(\d+)\t(\d+)\t(\d+)\t(-?\d+(?:\.\d+)?)\t(\.(?:\/.*)?)$/s;
const HASH = /^([0-9a-f]{64}) [ *](\..*)$/s;

type Section = 'header' | 'entries' | 'target' | 'hashes' | 'complete';

/** Takes a manifest's records in their order; what it has read stands in `manifest` once it is complete. */
class ManifestReader {
  readonly manifest: Manifest = { takenAt: 0, entries: new Map(), hashed: 0, bytes: 0 };
  #section: Section = 'header';
  #symlink: ManifestEntry | undefined;

  get complete(): boolean {
    return this.#section === 'complete';
  }

  record(text: string): void {
    if (this.#section === 'header') this.#header(text);
    else if (this.#section === 'target') this.#target(text);
    else if (this.#section === 'entries') this.#entry(text);
    else if (this.#section === 'hashes') this.#hash(text);
    else throw new ManifestInvalid('the manifest goes on after its end');
  }

  #header(text: string): void {
    const match = HEADER.exec(text);
    if (!match) throw new ManifestInvalid(`not a manifest: it begins with ${displayName(text.slice(0, 40))}`);
    this.manifest.takenAt = Number(match[1]);
    this.#section = 'entries';
  }

  #entry(text: string): void {
    if (text === '') {
      this.#section = 'hashes';
      return;
    }
    const [, letter = '', mode = '', uid = '', gid = '', size, mtime, path = ''] = ENTRY.exec(text) ?? [];
    const kind = KINDS.get(letter);
    if (!kind) throw new ManifestInvalid(`not an entry: ${displayName(text.slice(0, 200))}`);
    if (this.manifest.entries.has(path)) throw new ManifestInvalid(`listed twice: ${displayName(path)}`);
    const entry: ManifestEntry = { kind, mode, uid, gid, size: Number(size), mtime: Number(mtime) };
    this.manifest.entries.set(path, entry);
    if (kind === 'file') this.manifest.bytes += entry.size;
    if (kind !== 'symlink') return;
    this.#symlink = entry;
    this.#section = 'target';
  }

  #target(text: string): void {
    if (this.#symlink) this.#symlink.target = text;
    this.#section = 'entries';
  }

  #hash(text: string): void {
    const end = TRAILER.exec(text);
    if (end) {
      const { entries, hashed } = this.manifest;
      if (Number(end[1]) !== entries.size || Number(end[2]) !== hashed) {
        const found = `${entries.size} entries and ${hashed} hashes`;
        throw new ManifestInvalid(`the manifest holds ${found}, but its end says ${end[1]} and ${end[2]}`);
      }
      this.#section = 'complete';
      return;
    }
    const [, sha256, path = ''] = HASH.exec(text) ?? [];
    if (!sha256) throw new ManifestInvalid(`not a hash: ${displayName(text.slice(0, 200))}`);
    this.manifest.hashed++;
    // A file that came after the listing has a hash and no entry; the comparison meets it as one in flux.
    const entry = this.manifest.entries.get(path);
    if (entry) entry.sha256 = sha256;
  }
}

/**
 * Reads a manifest as the document `read-manifest` writes it: NUL-terminated records, a header, the entries, an empty
 * record, the hashes, and an end with both counts. One record at a time is in memory beside the result.
 * @throws ManifestInvalid when it is truncated or not in this format.
 */
export async function readManifest(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Manifest> {
  const reader = new ManifestReader();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk);
    let start = 0;
    for (let at = data.indexOf(NUL); at >= 0; at = data.indexOf(NUL, start)) {
      reader.record(data.toString('latin1', start, at));
      start = at + 1;
    }
    rest = data.subarray(start);
  }
  if (!reader.complete || rest.length > 0)
    throw new ManifestInvalid('the manifest is truncated: its end is missing');
  return reader.manifest;
}

/** A path or target as a person may read it: UTF-8 where it is that, and escapes for all that would not print. */
export function displayName(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  const readable = Buffer.from(text, 'utf8').equals(buffer) ? text : bytes;
  const unreadable = readable === text ? /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/gu : /[^\x20-\x5b\x5d-\x7e]/g;
  return readable.replace(unreadable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\\') return '\\\\';
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
