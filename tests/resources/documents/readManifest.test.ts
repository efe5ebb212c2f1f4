import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Bench, script } from '../../local/host/bench.ts';
import { withNamespaces } from '../../requires.ts';

jest.setTimeout(60_000);

let bench: Bench;

describe('in the root-parameter mode', () => manifests('root-parameter'));
withNamespaces('in namespaces', () => manifests('namespace'));

function manifests(isolation: 'namespace' | 'root-parameter'): void {
  beforeAll(async () => {
    bench = await Bench.open({ isolation });
    await bench.launch();
  });
  afterAll(async () => await bench.close());

  /** Runs a command in a fresh directory /srv/<name>. */
  async function fresh(name: string, commands: string): Promise<string> {
    const { exitCode, stderr } = await bench.run(
      `set -e; mkdir "$SSM_Root/srv/${name}"; cd "$SSM_Root/srv/${name}"; ${commands}`,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return `/srv/${name}`;
  }

  async function read(paths: string, more: Record<string, string> = {}) {
    const environment = { SSM_Paths: paths, SSM_UploadUrl: bench.url, ...more };
    bench.uploaded = undefined;
    const outcome = await bench.run(await script('read-manifest'), environment);
    return { ...outcome, uploaded: bench.uploaded !== undefined };
  }

  test('an empty directory is one entry, with nothing hashed', async () => {
    const path = await fresh('empty', ':');
    const { stdout } = await read(path);
    expect(JSON.parse(stdout)).toMatchObject({ entries: 1, files: 0, bytes: 0 });
    const records = bench.records();
    expect(records[0]).toMatch(/^backup-drill-manifest 1 \d+$/);
    expect(records[1]).toMatch(/^d\t755\t\d+\t\d+\t0\t\d+\.\d+\t\.\/srv\/empty$/);
    expect(records.slice(2)).toEqual(['', 'end 1 0']);
  });

  test('names of any bytes, links and special files are each one entry, and links are not followed', async () => {
    const path = await fresh(
      'odd',
      `printf x > $(printf 'new\\nline' | tr '\\n' _); printf x > "new
line"; printf x > ./-dash; printf x > "$(printf 'bad\\377')"; ln -s "tar
get" link; ln -s /usr directory-link; mkfifo fifo; ln ./-dash hard`,
    );
    const { stdout } = await read(path);
    expect(JSON.parse(stdout)).toMatchObject({ entries: 9, files: 5, bytes: 5 });
    const records = bench.records();
    const middle = records.indexOf('');
    const paths = records.slice(1, middle).map((record) => record.split('\t')[6]);
    expect(paths).toEqual(
      expect.arrayContaining(['./srv/odd/new\nline', './srv/odd/-dash', './srv/odd/bad\u00ff']),
    );
    const link = records.findIndex((record) => record.startsWith('l\t') && record.endsWith('./srv/odd/link'));
    expect(records[link + 1]).toBe('tar\nget');
    expect(records.find((record) => record.endsWith('/fifo'))).toMatch(/^p\t644\t/);
    const hashed = records.slice(middle + 1, -1);
    const sha = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'; // of "x"
    expect(hashed).toHaveLength(5);
    expect(hashed.every((record) => record.startsWith(`${sha}  ./srv/odd/`))).toBe(true);
    expect(records.at(-1)).toBe('end 9 5');
  });

  test('one changed bit changes one record', async () => {
    const path = await fresh('bit', 'printf aaaa > file; touch -d @1 file other');
    await read(path);
    const before = bench.records().slice(1);
    await bench.run(`cd "$SSM_Root${path}"; printf aaab > file; touch -d @1 file`);
    await read(path);
    const after = bench.records().slice(1);
    expect(after.filter((record) => !before.includes(record))).toEqual([
      expect.stringMatching(/ {2}\.\/srv\/bit\/file$/),
    ]);
  });

  test('the nonce is in each path, and in the list', async () => {
    const [one, two] = [await fresh('one', ':'), await fresh('two', ':')];
    await read(`${one} ${two}`, { SSM_Nonce: 'abc-123' });
    expect(
      bench.records().filter((record) => record.endsWith('/.backup-drill-nonce') && record.startsWith('f')),
    ).toHaveLength(2);
    const { stdout } = await bench.run(`cat "$SSM_Root${one}/.backup-drill-nonce"`);
    expect(stdout).toBe('abc-123\n');
  });

  test.each([
    ['a symbolic link', 'ln -s ../target .backup-drill-nonce'],
    ['a hard link', 'ln ../target .backup-drill-nonce'],
    ['a pipe', 'mkfifo .backup-drill-nonce'],
    ['a link to nowhere', 'ln -s ../elsewhere .backup-drill-nonce'],
  ])('the nonce is not written through %s that waits under its name', async (kind, trap) => {
    const path = await fresh(kind.replaceAll(' ', '-'), `mkdir in; echo theirs > target; cd in; ${trap}`);
    const { exitCode } = await read(`${path}/in`, { SSM_Nonce: 'abc-123' });
    expect(exitCode).toBe(0);
    const { stdout } = await bench.run(`cd "$SSM_Root${path}"; cat target in/.backup-drill-nonce`);
    expect(stdout).toBe('theirs\nabc-123\n');
    expect((await bench.run(`test -e "$SSM_Root${path}/elsewhere"`)).exitCode).toBe(1);
  });

  test.each([
    ['a path that is not there', '/srv/nowhere', 'nowhere'],
    ['a path within another', '/srv /srv/empty', 'name it once'],
    ['a path that holds another', '/srv/empty /srv', 'name it once'],
    ['a path that is a link', '/srv/odd/directory-link', 'symbolic link'],
  ])('%s fails the command, and nothing is uploaded', async (_, paths, words) => {
    const outcome = await read(paths);
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toContain(words);
    expect(outcome.uploaded).toBe(false);
  });

  test('a file that vanishes during the walk fails the command', async () => {
    const path = await fresh('vanishing', 'printf x > file');
    const hostile = `sha256sum() { rm -f "$SSM_Root${path}/file"; command sha256sum "$@"; }; export -f sha256sum\n`;
    const text = (await script('read-manifest')).replace('\n', `\n${hostile}`);
    const outcome = await bench.run(text, { SSM_Paths: path, SSM_UploadUrl: bench.url });
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toMatch(/file: No such file/);
  });

  test('an upload that is refused fails the command', async () => {
    const outcome = await read('/srv/empty', { SSM_UploadUrl: 'http://127.0.0.1:9/closed' });
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toContain('curl');
  });

  test('thousands of files are hashed side by side without mixing records', async () => {
    const path = await fresh('many', 'seq 5000 | split -l 1 -a 4 -d - file-');
    const { stdout } = await read(path);
    expect(JSON.parse(stdout)).toMatchObject({ entries: 5001, files: 5000 });
    const records = bench.records();
    const hashed = records.slice(records.indexOf('') + 1, -1);
    expect(hashed.every((record) => /^[0-9a-f]{64} {2}\.\/srv\/many\/file-\d{4}$/.test(record))).toBe(true);
    expect(new Set(hashed).size).toBe(5000);
  });
}
