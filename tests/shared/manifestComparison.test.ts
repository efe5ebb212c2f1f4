import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Manifest, readManifest } from '../../shared/manifest.ts';
import { compareManifests, compareNonce } from '../../shared/manifestComparison.ts';
import { manifestBytes, type WrittenEntry } from './manifestBytes.ts';

const read = (entries: WrittenEntry[]): Promise<Manifest> => readManifest([manifestBytes(entries)]);
const file: WrittenEntry = { path: './srv/file', size: 5 };
const directory: WrittenEntry = { path: './srv', type: 'd', size: 0 };
const link: WrittenEntry = { path: './srv/link', type: 'l', target: 'file' };
const other = 'b'.repeat(64);

async function compare(expected: WrittenEntry[], actual: WrittenEntry[]) {
  return compareManifests(await read(expected), await read(actual));
}

describe('compareManifests', () => {
  test('finds nothing between a tree and itself', async () => {
    expect(await compare([directory, file, link], [link, directory, file])).toEqual({
      compared: 3,
      missing: 0,
      extra: 0,
      changed: 0,
      inFlux: 0,
      failures: [],
    });
  });

  test.each<[string, WrittenEntry, string]>([
    ['one bit of content', { ...file, sha256: other }, 'SHA-256 was aaaa'],
    ['a truncation', { ...file, size: 4, sha256: other }, 'size was 5, is 4'],
    ['a mode', { ...file, mode: '600' }, './srv/file: mode was 644, is 600'],
    ['an owner', { ...file, owner: '7:0' }, './srv/file: owner was 0:0, is 7:0'],
    ['a group', { ...file, owner: '0:7' }, './srv/file: owner was 0:0, is 0:7'],
    ['a kind', { ...file, type: 'd' }, './srv/file: was a file, is a directory'],
  ])('sees %s', async (_, changed, words) => {
    const found = await compare([directory, file], [directory, changed]);
    expect(found).toMatchObject({ compared: 2, changed: 1, missing: 0, extra: 0, inFlux: 0 });
    expect(found.failures).toHaveLength(1);
    expect(found.failures[0]).toContain(words);
  });

  test("sees a link's other target, and minds neither its size nor a directory's", async () => {
    const found = await compare(
      [directory, link],
      [
        { ...directory, size: 9 },
        { ...link, size: 9, target: 'x' },
      ],
    );
    expect(found.failures).toEqual(['./srv/link: target was file, is x']);
  });

  test('sees what is missing and what is too much', async () => {
    expect(await compare([file, link], [file])).toMatchObject({
      missing: 1,
      failures: ['./srv/link: missing, was a symlink'],
    });
    expect(await compare([file], [file, link])).toMatchObject({
      compared: 2,
      extra: 1,
      failures: ['./srv/link: extra, a symlink'],
    });
  });

  test('does not compare times', async () => {
    expect((await compare([file], [{ ...file, mtime: '5' }])).failures).toEqual([]);
  });

  test('calls a difference in flux when it came after the manifest, and counts it all the same', async () => {
    const late = { mtime: '1001.1', sha256: other };
    const found = await compare(
      [directory, file],
      [directory, { ...file, ...late }, { path: './srv/new', ...late }],
    );
    expect(found).toMatchObject({ changed: 0, extra: 0, inFlux: 2 });
    expect(found.failures[0]).toContain('(modified after the manifest was taken)');
    const gone = await compare([directory, file], [{ ...directory, mtime: '1001' }]);
    expect(gone).toMatchObject({ missing: 0, inFlux: 1 });
  });

  test('what changed within the second in which the manifest began is simply changed', async () => {
    expect(await compare([file], [{ ...file, mtime: '1000.9', sha256: other }])).toMatchObject({
      changed: 1,
      inFlux: 0,
    });
  });

  test('a file that was hashed on neither side is not equal', async () => {
    const unhashed = await read([file]);
    for (const entry of unhashed.entries.values()) delete entry.sha256;
    expect(compareManifests(unhashed, unhashed).failures).toEqual(['./srv/file: was never hashed']);
  });

  test('names 20, counts all, and shortens names without end', async () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ path: `./${'\n'.repeat(4000)}${at}` }));
    const found = await compare(many, []);
    expect(found.missing).toBe(50);
    expect(found.failures).toHaveLength(20);
    expect(Math.max(...found.failures.map((failure) => failure.length))).toBe(500);
    expect(found.failures[0]).toMatch(/^\.\/\\n.*….*: missing, was a file$/s);
  });

  test('whatever differs between two trees is found', async () => {
    const hash = fc.constantFrom('a', 'b').map((letter) => letter.repeat(64));
    const tree = fc.dictionary(fc.stringMatching(/^[a-c]{1,2}$/), hash);
    await fc.assert(
      fc.asyncProperty(tree, tree, async (one, two) => {
        const entries = (of: Record<string, string>) =>
          Object.entries(of).map(([name, sha256]) => ({ path: `./${name}`, sha256 }));
        const found = await compare(entries(one), entries(two));
        const names = new Set([...Object.keys(one), ...Object.keys(two)]);
        const different = [...names].filter((name) => one[name] !== two[name]);
        expect(found.compared).toBe(names.size);
        expect(found.missing + found.extra + found.changed).toBe(different.length);
      }),
    );
  });
});

describe('compareNonce', () => {
  const hashOf = (nonce: string) => createHash('sha256').update(`${nonce}\n`).digest('hex');
  const nonceFile = (path: string, nonce: string) => ({
    path: `.${path}/.backup-drill-nonce`,
    sha256: hashOf(nonce),
  });

  test('finds the nonce on every path', async () => {
    const manifest = await read([nonceFile('/data1', 'n'), nonceFile('/srv/x', 'n')]);
    expect(compareNonce(manifest, ['/data1', '/srv/x'], 'n')).toEqual({ compared: 2, failures: [] });
  });

  test('sees the nonce of another backup, and one that is not there', async () => {
    const manifest = await read([nonceFile('/data1', 'older')]);
    expect(compareNonce(manifest, ['/data1', '/data2'], 'n').failures).toEqual([
      '/data1/.backup-drill-nonce: is of another backup than this one',
      '/data2/.backup-drill-nonce: missing',
    ]);
  });
});
