import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { displayName, readManifest } from '../../shared/manifest.ts';
import { HASH, inPieces, manifestBytes, type WrittenEntry } from './manifestBytes.ts';

const read = (bytes: Buffer, size = 7) => readManifest(inPieces(bytes, size));

describe('readManifest', () => {
  test('reads kind, mode, owner, size, time, hash and target of each entry', async () => {
    const manifest = await read(
      manifestBytes([
        { path: './srv', type: 'd', mode: '755', size: 0, mtime: '-14182940.0000000000' },
        { path: './srv/file', mode: '4755', owner: '4242:4243', size: 12 },
        { path: './srv/link', type: 'l', size: 0, target: 'file' },
      ]),
    );
    expect(manifest).toMatchObject({ takenAt: 1000, hashed: 1, bytes: 12 });
    expect(Object.fromEntries(manifest.entries)).toEqual({
      './srv': { kind: 'directory', mode: '755', uid: '0', gid: '0', size: 0, mtime: -14182940 },
      './srv/file': {
        kind: 'file',
        mode: '4755',
        uid: '4242',
        gid: '4243',
        size: 12,
        mtime: 900.5,
        sha256: HASH,
      },
      './srv/link': {
        kind: 'symlink',
        mode: '644',
        uid: '0',
        gid: '0',
        size: 0,
        mtime: 900.5,
        target: 'file',
      },
    });
  });

  test.each(['new\nline', 'tab\there', ' spaces ', '-n', '\xff\xfe', '"\'\\', 'end 1 1'])(
    'takes the name %j as it is',
    async (name) => {
      const { entries } = await read(manifestBytes([{ path: `./${name}` }]));
      expect(entries.get(`./${name}`)?.sha256).toBe(HASH);
    },
  );

  test('an empty target, and one that looks like an entry, are targets', async () => {
    const target = 'f\t644\t0\t0\t1\t1\t./x';
    const links = [
      { path: './a', type: 'l', size: 0, target: '' },
      { path: './b', type: 'l', size: 0, target },
    ];
    const { entries } = await read(manifestBytes(links));
    expect([entries.get('./a')?.target, entries.get('./b')?.target]).toEqual(['', target]);
  });

  test('a manifest of nothing is a manifest', async () => {
    expect((await read(manifestBytes([]))).entries.size).toBe(0);
  });

  test('whatever the names and however the bytes arrive, every entry comes back', async () => {
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes.map((byte) => byte || 1)).toString('latin1'));
    const entry = fc.record({
      path: name.map((text) => `./${text}`),
      size: fc.nat(),
      mode: fc.constant('644'),
    });
    const entries = fc.uniqueArray(entry, { selector: (one) => one.path, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 50 }), async (written: WrittenEntry[], size) => {
        const manifest = await read(manifestBytes(written), size);
        expect([...manifest.entries.keys()]).toEqual(written.map((one) => one.path));
        expect(manifest.hashed).toBe(written.length);
      }),
    );
  });

  test('no part of a manifest passes for a whole one', async () => {
    const bytes = manifestBytes([{ path: './a' }, { path: './b', type: 'l', target: 'a' }]);
    for (let length = 0; length < bytes.length; length++)
      await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({ name: 'ManifestInvalid' });
  });

  test.each([
    ['another format', (text: string) => text.replace('manifest 1', 'manifest 2'), /begins with/],
    ['an entry of another form', (text: string) => text.replace('f\t644', 'f 644'), /not an entry/],
    ['a hash of another form', (text: string) => text.replace(`${HASH}  `, 'abc  '), /not a hash/],
    [
      'a wrong count at its end',
      (text: string) => text.replace('end 1 1', 'end 2 1'),
      /its end says 2 and 1/,
    ],
    ['anything after its end', (text: string) => `${text}more\0`, /goes on after its end/],
    [
      'a path that is listed twice',
      (text: string) => text.replace(/(f\t[^\0]*\0)/, '$1$1'),
      /listed twice: \.\/a/,
    ],
  ])('refuses %s', async (_, change, message) => {
    const bytes = Buffer.from(change(manifestBytes([{ path: './a' }]).toString('latin1')), 'latin1');
    await expect(read(bytes)).rejects.toThrow(message);
  });

  test('200,000 entries are read within the memory of one function', async () => {
    const count = 200_000;
    const written = Array.from({ length: count }, (_, at) => ({
      path: `./data/${'d'.repeat(60)}/file-${at}`,
    }));
    const bytes = manifestBytes(written);
    const before = process.memoryUsage().heapUsed;
    const { entries } = await readManifest(inPieces(bytes, 65_536));
    expect(entries.size).toBe(count);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400e6); // two of them fit into 1,769 MB
  });
});

describe('displayName', () => {
  test.each([
    ['plain', 'plain'],
    [Buffer.from('ünïcödé-文件').toString('latin1'), 'ünïcödé-文件'],
    ['new\nline', 'new\\nline'],
    ['tab\t', 'tab\\t'],
    ['back\\slash', 'back\\\\slash'],
    ['bell\x07', 'bell\\x07'],
    ['not utf-8 \xff\xfe', 'not utf-8 \\xff\\xfe'],
    [Buffer.from('right\u202eleft').toString('latin1'), 'right\\u{202e}left'],
  ])('shows %j as %s', (bytes, shown) => {
    expect(displayName(bytes)).toBe(shown);
  });

  test('never shows anything that a terminal would obey', () => {
    const bytes = fc.uint8Array().map((array) => Buffer.from(array).toString('latin1'));
    fc.assert(fc.property(bytes, (text) => !/\p{Cc}/u.test(displayName(text))));
  });
});
