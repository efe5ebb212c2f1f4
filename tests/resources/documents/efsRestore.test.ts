import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { withFpsync } from '../../requires.ts';
import { differences, EfsWorker, HOSTILE_TREE, sh } from './efsWorker.ts';

jest.setTimeout(120_000);

const FIRST = '20260101T000000Z';
const PLAIN_TREE =
  'mkdir -p a/b c; printf 1 > a/one; printf 2 > a/b/two; printf 3 > c/three; printf 4 > four';

let worker: EfsWorker;

/** A fresh target with some content; returns its path. */
function target(name: string, script: string): string {
  sh(worker.target, `mkdir ${name}; cd ${name}; ${script}`);
  return `${worker.target}/${name}`;
}

const restore = (parameters: Record<string, string>) =>
  worker.document('efs-restore', { Generation: FIRST, ...parameters });

const listing = (directory: string) => sh(directory, "find . -printf '%P %y %m %s %T@\\n' | sort");

withFpsync('a restore', () => {
  beforeAll(() => {
    worker = new EfsWorker();
    sh(worker.source, `${PLAIN_TREE}; mkdir hostile; cd hostile; ${HOSTILE_TREE}`);
    worker.backUp(FIRST);
  });
  afterAll(() => worker.remove());

  test('of a hostile tree into an empty directory is identical, twice in a row', () => {
    target('empty', ':');
    for (const Target of ['empty', 'not/there%20yet']) {
      expect(restore({ Target })).toMatchObject({ status: 'restored', deletions: 0 });
      expect(differences(worker.source, `${worker.target}/${decodeURIComponent(Target)}`)).toBe('');
    }
  });

  test('into a directory with newer files deletes none of them and overwrites none', () => {
    const into = target(
      'newer',
      'mkdir a; printf newer > a/one; printf new > a/extra; printf new > another; mkdir c',
    );
    const { keptNewer } = restore({ Target: 'newer' });
    expect(keptNewer).toBe(1);
    expect(sh(into, 'cat a/one a/extra another c/three a/b/two')).toBe('newernewnew32');
  });

  test('overwrites newer files only when it is told to, and still deletes none', () => {
    const into = target('overwritten', 'mkdir a; printf newer > a/one; printf new > a/extra');
    restore({ Target: 'overwritten', Existing: 'overwrite' });
    expect(sh(into, 'cat a/one a/extra')).toBe('1new');
  });

  test('leaves every file that is there when it is told to', () => {
    const into = target('kept', 'printf older > four; touch -d 2000-01-01 four');
    restore({ Target: 'kept', Existing: 'keep' });
    expect(sh(into, 'cat four c/three')).toBe('older3');
  });

  test('of a subtree touches nothing else', () => {
    const into = target('subtree', 'mkdir -p here other; printf x > other/x; printf y > y');
    const others = () => sh(into, "stat -c '%n %y %a' . other other/x y");
    const before = others();
    restore({ Subtree: 'a', Target: 'subtree/here' });
    expect(others()).toBe(before);
    expect(differences(`${worker.source}/a`, `${into}/here`)).toBe('');
  });

  test('of one file, whatever its name is, brings that file', () => {
    const into = target('file', ':');
    restore({ Subtree: 'hostile/new%0Aline', Target: 'file' });
    expect(sh(into, "find . -type f -printf '%P|'")).toBe('new\nline|');
  });

  test('a mirror is planned, capped, and then made', () => {
    const into = target('mirror', 'mkdir a gone; printf x > a/extra; printf y > gone/y; printf 4 > four');
    const before = listing(into);
    const plan = restore({ Target: 'mirror', Subtree: 'a', Mirror: 'plan' });
    expect(plan).toMatchObject({ status: 'planned', deletions: 5 });
    expect(plan.examples).toContain('*deleting   gone/y');
    const refused = worker.run('efs-restore', {
      Generation: FIRST,
      Target: 'mirror',
      Subtree: 'a',
      Mirror: 'yes',
      MaxDeletions: '4',
    });
    expect(refused.stderr).toContain('5 deletions, more than MaxDeletions (4)');
    expect(refused.status).toBe(2);
    expect(listing(into)).toBe(before);
    restore({ Target: 'mirror', Subtree: 'a', Mirror: 'yes', MaxDeletions: '5' });
    expect(differences(`${worker.source}/a`, into)).toBe('');
  });

  test('a mirror puts a file in the place of a directory, and a directory in that of a file, within its cap', () => {
    const into = target('kinds', 'mkdir -p a/one; printf x > a/one/x; printf y > c');
    const mirror = (MaxDeletions: string) =>
      worker.run('efs-restore', { Generation: FIRST, Target: 'kinds', Mirror: 'yes', MaxDeletions });
    expect(mirror('1').stderr).toContain('2 deletions, more than MaxDeletions (1)');
    expect(sh(into, 'cat a/one/x c')).toBe('xy');
    expect(mirror('2').status).toBe(0);
    expect(differences(worker.source, into)).toBe('');
  });

  test('no name of a file hides it from the cap of a mirror', () => {
    const into = target('names', "printf x > '1 is newer'; printf x > '2 is newer'");
    const parameters = { Generation: FIRST, Target: 'names', Subtree: 'c', Mirror: 'yes', MaxDeletions: '1' };
    expect(worker.run('efs-restore', parameters).stderr).toContain('2 deletions, more than MaxDeletions (1)');
    expect(sh(into, 'ls')).toBe('1 is newer\n2 is newer\n');
  });

  test('a plan changes nothing, not even the time of the file system or the target', () => {
    target('planned', "touch -d '2001-01-01' . ..");
    const times = () => sh(worker.target, 'stat -c %y . planned');
    const before = times();
    restore({ Target: 'planned', Subtree: 'a', Mirror: 'plan' });
    restore({ Target: 'not-there', Subtree: 'a', Mirror: 'plan' });
    expect(times()).toBe(before);
  });

  test('a directory that is there keeps its mode, unless the target is to be as it was', () => {
    const into = target('modes', 'mkdir -m 700 a');
    restore({ Target: 'modes' });
    expect(sh(into, 'stat -c %a a a/b')).toBe('700\n755\n');
    restore({ Target: 'modes', Existing: 'overwrite' });
    expect(sh(into, 'stat -c %a a a/b')).toBe('755\n755\n');
  });

  test.each(['.', 'backups', './backups/nightly', `backups/nightly/${FIRST}/data`, 'through-a-link'])(
    'into %s of the destination, where generations are, is refused',
    (Target) => {
      sh(`${worker.root}/mnt/destination`, `ln -sfn backups/nightly/${FIRST}/data/a through-a-link`);
      const before = listing(worker.data(FIRST));
      const parameters = {
        Generation: FIRST,
        TargetMount: '/mnt/destination',
        Target,
        Existing: 'overwrite',
      };
      const { status, stderr } = worker.run('efs-restore', parameters);
      expect(stderr).toContain('lies in a generation, or holds some');
      expect(status).toBe(2);
      expect(listing(worker.data(FIRST))).toBe(before);
    },
  );

  test.each([
    ['a path that is not in the generation', { Subtree: 'nowhere' }],
    ['a path out of the generation', { Subtree: '../COMPLETE' }],
    ['a target outside', { Target: '..' }],
    ['a target through a link that leads out', { Target: 'way-out' }],
    ['a generation that is not there', { Generation: '20200101T000000Z' }],
    ['a target that is a file', { Target: 'a-file' }],
  ])('%s is refused', (_, parameters) => {
    sh(worker.target, 'ln -sfn /tmp way-out; : > a-file');
    const { status, stderr } = worker.run('efs-restore', { Generation: FIRST, ...parameters });
    expect(stderr).toContain('refused');
    expect(status).toBe(2);
  });

  test('never writes through a link at the target', () => {
    const into = target('links', 'mkdir elsewhere; ln -s ../links/elsewhere a');
    const { status, stderr } = worker.run('efs-restore', { Generation: FIRST, Target: 'links' });
    expect(status).toBe(1);
    expect(stderr).toContain('a is a directory, but not so at the target');
    expect(sh(into, 'ls elsewhere')).toBe('');
  });
});
