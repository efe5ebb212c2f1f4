/** One entry as the document `read-manifest` writes it; bytes of names are given as latin1 text. */
export interface WrittenEntry {
  path: string;
  type?: string;
  mode?: string;
  owner?: string;
  size?: number;
  mtime?: string;
  target?: string;
  sha256?: string;
}

export const HASH = 'a'.repeat(64);

/** The bytes of a manifest. */
export function manifestBytes(entries: readonly WrittenEntry[], takenAt = 1000): Buffer {
  const records = [`backup-drill-manifest 1 ${takenAt}`];
  const hashes: string[] = [];
  for (const entry of entries) {
    const {
      path,
      type = 'f',
      mode = '644',
      owner = '0:0',
      size = 1,
      mtime = '900.5',
      target,
      sha256,
    } = entry;
    const [uid, gid] = owner.split(':');
    records.push([type, mode, uid, gid, size, mtime, path].join('\t'));
    if (type === 'l') records.push(target ?? '');
    if (type === 'f') hashes.push(`${sha256 ?? HASH}  ${path}`);
  }
  const end = `end ${entries.length} ${hashes.length}`;
  return Buffer.from([...records, '', ...hashes, end].map((record) => `${record}\0`).join(''), 'latin1');
}

/** Bytes in pieces of a size. */
export function* inPieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
