import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { inFull, withFpsync } from '../../requires.ts';
import { differences, EfsWorker, sh } from './efsWorker.ts';

jest.setTimeout(120_000);

const ids = ['20260101T000000Z', '20260102T000000Z', '20260103T000000Z'] as const;
let worker: EfsWorker;

/** As if a run had begun a minute later: what is older than this moment is old enough to be linked unseen. */
function letItBeginLater(id: string): void {
  sh(worker.folder, `echo $(($(date +%s) + 62)) > ${id}/meta/begun`);
}

/** Why a document was refused. */
function refusal(name: string, parameters: Record<string, string>): string {
  const { status, stderr } = worker.run(name, parameters);
  expect([2, 4]).toContain(status);
  return stderr;
}

withFpsync('the documents of the EFS worker', () => {
  describe('a backup is refused', () => {
    beforeAll(() => {
      worker = new EfsWorker();
    });
    afterAll(() => worker.remove());

    test.each([
      ['of an empty source', {}, 'the source is empty'],
      ['of a source that is not there', { Source: '/mnt/nowhere' }, 'is not there'],
      ['of a source that is not mounted', { Mounts: 'required' }, 'is not mounted'],
      ['of a source without its sentinel', { Source: '/run', SourceSentinel: 'who/am-i' }, 'has no who/am-i'],
      ['to a destination without a sentinel', { Source: '/var', Initialise: 'no' }, 'has no sentinel'],
    ])('%s', (_, parameters, words) => {
      expect(refusal('efs-backup', { Generation: ids[0], ...parameters })).toContain(words);
      expect(sh(worker.root, 'ls -A mnt/destination')).toBe('');
    });

    test('to another file system than was meant', () => {
      sh(worker.root, 'printf "fs-other\\n" > mnt/destination/.backup-drill-file-system');
      expect(refusal('efs-backup', { Generation: ids[0], Source: '/var' })).toContain('says it is fs-other');
      sh(worker.root, 'rm mnt/destination/.backup-drill-file-system');
    });

    test('but an empty source is taken where the policy says so', () => {
      expect(worker.backUp(ids[0], { AllowEmpty: 'yes' }).kpis).toMatchObject({ entries: 0 });
      expect(worker.states()).toEqual({ [ids[0]]: 'complete' });
      expect(refusal('efs-backup', { Generation: ids[0], Source: '/var' })).toContain('is there already');
    });
  });

  describe('with generations', () => {
    beforeEach(() => {
      worker = new EfsWorker();
      sh(worker.source, 'mkdir a; seq 200 | split -l 1 -a 3 - a/; printf x > top');
    });
    afterEach(() => worker.remove());

    test('a copy that differs is not verified, and what is not verified is not published', () => {
      sh(worker.source, 'ln -s aaa link');
      worker.document('efs-backup', { Generation: ids[0] });
      expect(refusal('efs-publish', { Generation: ids[0] })).toContain('not verified');
      const data = `${worker.folder}/${ids[0]}.partial/data`;
      for (const [damage, repair] of [
        ['mv top ../gone', 'mv ../gone top'],
        ['printf y > extra', 'rm extra'],
        ['cp -p top ../good; printf z > top; touch -r ../good top', 'mv ../good top'],
        ['cp -p top ../good; printf xx > top', 'mv ../good top'],
        ['mv top ../good; mkdir top', 'rmdir top; mv ../good top'],
        ['chmod 600 top', 'chmod 644 top'],
        ['chown 4242 top', 'chown 0 top'],
        ['ln -sfn bbb link', 'ln -sfn aaa link'],
      ]) {
        sh(data, damage ?? '');
        const { status, stderr } = worker.run('efs-verify', { Generation: ids[0] });
        expect(stderr).toMatch(/are missing, extra or different/);
        expect(status).toBe(1);
        sh(data, repair ?? '');
      }
      expect(refusal('efs-publish', { Generation: ids[0] })).toContain('not verified');
      expect(worker.states()).toEqual({ [ids[0]]: 'partial' });
      sh(worker.source, 'printf changed > top; rm a/aaa');
      expect(worker.document('efs-verify', { Generation: ids[0] })).toMatchObject({
        status: 'verified',
        inFlux: 2,
      });
      expect(worker.document('efs-publish', { Generation: ids[0] }).already).toBe(false);
      expect(worker.document('efs-publish', { Generation: ids[0] }).already).toBe(true);
    });

    test('a file that is another one than the last list had at its path is not linked to it', () => {
      sh(
        worker.source,
        'mkdir now next; echo same > now/key; echo same > next/key; touch -d 2001-01-01 */key',
      );
      sh(worker.source, 'chmod 600 next/key; chown 4242 next/key');
      worker.backUp(ids[0]);
      letItBeginLater(ids[0]);
      sh(worker.source, 'mv now previous; mv next now'); // which changes no ctime of a file
      worker.backUp(ids[1]);
      expect(differences(worker.source, worker.data(ids[1]))).toBe('');
      expect(sh(worker.data(ids[1]), 'stat -c "%a %u" now/key previous/key')).toBe('600 4242\n644 0\n');
    });

    test('what was found damaged is copied anew by the next run, and looked at again', () => {
      sh(worker.source, 'ln a/aaa twin');
      worker.backUp(ids[0]);
      letItBeginLater(ids[0]);
      for (const name of ['top', 'twin']) // its content only
        sh(
          worker.data(ids[0]),
          `cp -p ${name} ../was; printf Z | dd of=${name} conv=notrunc; touch -r ../was ${name}`,
        );
      worker.document('efs-backup', { Generation: ids[1] });
      const { status, stderr } = worker.run('efs-verify', { Generation: ids[1], Sample: '1000' });
      expect([status, stderr]).toEqual([1, expect.stringContaining('3 of 203 entries')]);
      worker.document('efs-backup', { Generation: ids[2] });
      expect(worker.document('efs-verify', { Generation: ids[2], Sample: '0' }).sampled).toBe(3);
      worker.document('efs-publish', { Generation: ids[2] });
      expect(differences(worker.source, worker.data(ids[2]))).toBe('');
    });

    inFull('a source that changes everywhere while it is copied is no fault of the copy', () => {
      sh(worker.source, 'seq 1200 | split -l 1 -a 4 - a/');
      worker.document('efs-backup', { Generation: ids[0] });
      sh(worker.source, 'for file in a/????; do echo x >> $file; done');
      const verified = worker.document('efs-verify', { Generation: ids[0], Sample: '2000' });
      expect(verified).toMatchObject({ status: 'verified', inFlux: 1200 });
    });

    inFull('nothing is linked to a generation whose lists cannot be read', () => {
      worker.backUp(ids[0]);
      sh(worker.folder, `truncate -s 10 ${ids[0]}/meta/entries.gz`);
      expect(worker.backUp(ids[1])).toMatchObject({ previous: null });
      expect(sh(worker.data(ids[1]), 'stat -c %h top')).toBe('1\n');
      expect(differences(worker.source, worker.data(ids[1]))).toBe('');
    });

    test('expiry deletes what it is given, finishes what was left, and never the last complete one', () => {
      for (const id of ids) worker.backUp(id);
      sh(
        worker.folder,
        `cp -al ${ids[0]} 20250101T000000Z.expired; rm 20250101T000000Z.expired/COMPLETE; mkdir outside`,
      );
      const result = worker.document('efs-expire', { Generations: `${ids[0]} ${ids[2]} 20240101T000000Z` });
      expect(result.expired).toEqual(['20250101T000000Z', ids[0]]);
      expect(result.refused).toEqual([
        { generation: ids[2], reason: 'last complete' },
        { generation: '20240101T000000Z', reason: 'not there' },
      ]);
      expect(worker.states()).toEqual({ [ids[1]]: 'complete', [ids[2]]: 'complete' });
      expect(sh(worker.folder, 'ls')).toBe(`${ids[1]}\n${ids[2]}\noutside\n`);
    });

    inFull('a generation that is being restored is not expired', () => {
      for (const id of ids.slice(0, 2)) worker.backUp(id);
      const lock = `${worker.folder}/${ids[0]}/meta/in-use`;
      const script = `exec 9>> ${lock}; flock -s 9; bash ${worker.script('efs-expire')}`;
      const { expired, refused } = JSON.parse(worker.shell(script, 'efs-expire', { Generations: ids[0] }));
      expect(expired).toEqual([]);
      expect(refused).toEqual([{ generation: ids[0], reason: 'in use' }]);
    });

    inFull('a link limit of the file system is kept: a group that would pass it is copied', () => {
      sh(worker.source, 'for n in 1 2 3; do ln top link-$n; done');
      const links = (id: string) => Number(sh(worker.data(id), 'stat -c %h top'));
      for (const id of ids) worker.backUp(id, { MaxLinks: '9' });
      expect(ids.map(links)).toEqual([8, 8, 4]);
    });

    inFull(
      'what has not changed since the last list is linked without rsync, whatever else has is not',
      async () => {
        worker.backUp(ids[0]);
        const now = Math.floor(Date.now() / 1000);
        // As if the first run had begun a minute later: what is older than this moment is old enough.
        sh(worker.folder, `echo ${now + 61} > ${ids[0]}/meta/begun`);
        await worker.until(() => Date.now() > (now + 1) * 1000 + 50);
        const before = sh(
          worker.data(ids[0]),
          "find . -printf '%P %m %s %T@\\n' | sort; getfacl -Rpn . | sort; cat a/aaf",
        );
        sh(
          worker.source,
          'chmod 600 a/aab; setfacl -m u:1:r a/aac; touch -r a/aad ref; echo other > a/aad; touch -r ref a/aad; printf 9 > a/aaf; rm ref; ln top twin; mv a/aag a/moved; ln -s x a/link',
        );
        const { kpis } = worker.backUp(ids[1]);
        expect(kpis.parts).toBeLessThan(20);
        expect(differences(worker.source, worker.data(ids[1]))).toBe('');
        expect(
          sh(
            worker.data(ids[0]),
            "find . -printf '%P %m %s %T@\\n' | sort; getfacl -Rpn . | sort; cat a/aaf",
          ),
        ).toBe(before);
        expect(sh(worker.data(ids[1]), 'stat -c %h a/aba a/aab a/aac top')).toBe('2\n1\n1\n3\n');
      },
    );

    test('figures are those of one rsync', () => {
      sh(worker.source, 'ln a/aah second; mkdir kind; printf 1 > kind/x');
      worker.backUp(ids[0]);
      sh(
        worker.source,
        'rm second; rm -r kind; printf 1 > kind; printf 12345 > a/aab; rm -r a/aac a/aad; mkdir b; printf 1 > b/new; chmod 600 a/aae; ln -s top link; ln a/aaf b/again',
      );
      const single = `${worker.root}/single`;
      sh('/', `cp -a ${worker.data(ids[0])} ${single}`);
      const stats = sh('/', `rsync -aHAX --delete --stats --no-h ${worker.source}/ ${single}/`);
      const figure = (label: string) => Number(new RegExp(`^${label}: (\\d+)`, 'm').exec(stats)?.[1]);
      const { kpis } = worker.backUp(ids[1]);
      expect(kpis).toMatchObject({
        filesTransferred: figure('Number of regular files transferred'),
        transferredBytes: figure('Total transferred file size'),
        filesDeleted: figure('Number of deleted files'),
        filesCreated: figure('Number of created files'),
        totalBytes: figure('Total file size'),
      });
      expect(kpis.filesTransferred).toBeGreaterThan(0);
      expect(kpis.filesDeleted).toBe(4);
    });

    inFull('what happened between two tries of one generation does not alter an older one', () => {
      worker.backUp(ids[0]);
      const before = sh(worker.data(ids[0]), "find . -printf '%P %m %s %T@\\n' | sort; cat a/aaa top");
      worker.document('efs-backup', { Generation: ids[1] });
      sh(
        worker.source,
        'chmod 600 a/aaa; touch a/aab; chown 4242 a/aac; rm a/aad; mkdir a/aad; rm -r a/aae; ln top a/aae; mv a/aaf a/renamed',
      );
      expect(worker.backUp(ids[2])).toMatchObject({ continued: true, previous: ids[0] });
      expect(sh(worker.data(ids[0]), "find . -printf '%P %m %s %T@\\n' | sort; cat a/aaa top")).toBe(before);
      expect(
        sh(
          '/',
          `rsync -naHAXS --checksum --delete --itemize-changes ${worker.source}/ ${worker.data(ids[2])}/`,
        ),
      ).toBe('');
      expect(worker.states()).toEqual({ [ids[0]]: 'complete', [ids[2]]: 'complete' });
    });
  });
});
