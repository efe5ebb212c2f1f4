import { createHash } from 'node:crypto';
import { displayName, type Manifest, type ManifestEntry } from './manifest.ts';

/** How many failures are named; more are counted. */
const NAMED = 20;
/** Characters of one failure: a path may have 4,096 bytes, each of them an escape, and a state holds 256 KiB. */
const LONGEST = 500;

/** What a comparison of two manifests found. */
export interface ManifestComparison {
  /** Entries of either side that were looked at. */
  compared: number;
  missing: number;
  extra: number;
  changed: number;
  /** Differing entries whose modification is later than the expected manifest, so that it explains the difference. */
  inFlux: number;
  /** Up to 20, each with its path and what differs. */
  failures: string[];
}

/**
 * Compares what is there (`actual`) with what must be (`expected`), entry by entry: kind, mode, owner, the size and
 * SHA-256 of files, the target of symbolic links. Times are not compared, but an entry that differs and was modified
 * after the expected manifest was taken is `inFlux` rather than wrong.
 */
export function compareManifests(expected: Manifest, actual: Manifest): ManifestComparison {
  const found: ManifestComparison = {
    compared: 0,
    missing: 0,
    extra: 0,
    changed: 0,
    inFlux: 0,
    failures: [],
  };
  const report = (as: 'missing' | 'extra' | 'changed', path: string, what: string, modified: number) => {
    // The header has whole seconds: what changed within that second counts as before it.
    const late = Math.floor(modified) > expected.takenAt;
    found[late ? 'inFlux' : as]++;
    const witness = as === 'missing' ? 'its directory was ' : '';
    const flux = late ? ` (${witness}modified after the manifest was taken)` : '';
    if (found.failures.length < NAMED) found.failures.push(shortened(`${displayName(path)}: ${what}${flux}`));
  };
  for (const [path, entry] of expected.entries) {
    found.compared++;
    const other = actual.entries.get(path);
    if (!other) report('missing', path, `missing, was a ${entry.kind}`, parentMtime(actual, path));
    else {
      const differences = differencesOf(entry, other);
      if (differences.length > 0) report('changed', path, differences.join(', '), other.mtime);
    }
  }
  for (const [path, entry] of actual.entries) {
    if (expected.entries.has(path)) continue;
    found.compared++;
    report('extra', path, `extra, a ${entry.kind}`, entry.mtime);
  }
  return found;
}

/** A long text with its middle left out. */
function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  const half = (LONGEST - 1) / 2;
  return `${text.slice(0, Math.floor(half))}…${text.slice(-Math.ceil(half))}`;
}

/** A file that is gone leaves its trace in its directory's time; no directory, no trace. */
function parentMtime(manifest: Manifest, path: string): number {
  return manifest.entries.get(path.slice(0, path.lastIndexOf('/')))?.mtime ?? 0;
}

function differencesOf(expected: ManifestEntry, actual: ManifestEntry): string[] {
  if (expected.kind !== actual.kind) return [`was a ${expected.kind}, is a ${actual.kind}`];
  const differences: string[] = [];
  const compare = (what: string, was: string | number | undefined, is: string | number | undefined) => {
    if (was !== is) differences.push(`${what} was ${was ?? 'unknown'}, is ${is ?? 'unknown'}`);
  };
  compare('mode', expected.mode, actual.mode);
  compare('owner', `${expected.uid}:${expected.gid}`, `${actual.uid}:${actual.gid}`);
  if (expected.kind === 'symlink') {
    compare('target', displayName(expected.target ?? ''), displayName(actual.target ?? ''));
  }
  if (expected.kind === 'file') {
    compare('size', expected.size, actual.size);
    compare('SHA-256', expected.sha256, actual.sha256);
    // Equal only because neither was read is not equal.
    if (expected.sha256 === undefined && actual.sha256 === undefined) differences.push('was never hashed');
  }
  return differences;
}

/** What the nonce of a backup was found to be, path by path. */
export interface NonceComparison {
  compared: number;
  failures: string[];
}

/**
 * Looks for a backup's nonce in a manifest: each path must hold `.backup-drill-nonce` with the nonce and a newline,
 * known by its hash. `paths` are absolute.
 */
export function compareNonce(manifest: Manifest, paths: readonly string[], nonce: string): NonceComparison {
  const wanted = createHash('sha256').update(`${nonce}\n`).digest('hex');
  const failures: string[] = [];
  for (const path of paths) {
    const file = `${path}/.backup-drill-nonce`;
    const entry = manifest.entries.get(`.${file}`);
    if (!entry) failures.push(`${file}: missing`);
    else if (entry.sha256 !== wanted) failures.push(`${file}: is of another backup than this one`);
  }
  return { compared: paths.length, failures };
}
