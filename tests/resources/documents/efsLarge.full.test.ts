import { mkdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { buildSlowFs, mountSlowly } from '../../bench/efs/slowFileSystem.ts';
import { withFpsync, withFuse } from '../../requires.ts';
import { differences, EfsWorker, HOSTILE_TREE, sh } from './efsWorker.ts';

jest.setTimeout(1_200_000);

withFpsync('100,000 small files, one of 2 GB, and a hostile tree', () => {
  test('are backed up and restored to the last byte, twice in a row', () => {
    const worker = new EfsWorker();
    sh(
      worker.source,
      `mkdir hostile; (cd hostile; ${HOSTILE_TREE}); head -c 2G /dev/urandom > two-gigabytes
      for ((d = 0; d < 102; d++)); do mkdir -p many/$((d % 10))/$d; seq 1000 | split -l 1 -a 3 - many/$((d % 10))/$d/; done`,
    );
    for (const generation of ['20260101T000000Z', '20260102T000000Z']) {
      const { kpis } = worker.backUp(generation);
      expect(kpis.files).toBeGreaterThan(100_000);
      worker.document('efs-restore', { Generation: generation, Target: generation });
      expect(differences(worker.source, `${worker.target}/${generation}`)).toBe('');
      sh(worker.target, `rm -rf ${generation}`);
      sh(
        worker.source,
        'echo changed > many/1/11/aaa; rm -rf many/2/22; chmod 600 many/3/33/aab; truncate -s -1 two-gigabytes',
      );
    }
    worker.remove();
  });
});
withFuse('on a file system that allows a file three names, as EFS allows 177', () => {
  test('what would have one more is copied instead of linked, and no run fails of it', () => {
    const worker = new EfsWorker();
    const back = `${worker.root}/back`;
    for (const directory of ['source', 'destination']) mkdirSync(`${back}/${directory}`, { recursive: true });
    sh(`${back}/source`, 'for n in {1..20}; do echo $n > $n; done; echo x > twice; ln twice again');
    const unmount = mountSlowly(buildSlowFs(worker.root), back, `${worker.root}/mnt`, 3);
    try {
      const ids = ['20260101T000000Z', '20260102T000000Z', '20260103T000000Z', '20260104T000000Z'];
      for (const id of ids) worker.backUp(id, { MaxLinks: '3' });
      for (const id of ids)
        expect(differences(`${back}/source`, worker.data(id).replace('/mnt/', '/back/'))).toBe('');
      const links = (name: string) =>
        ids.map((id) => Number(sh(worker.data(id).replace('/mnt/', '/back/'), `stat -c %h ${name}`)));
      expect(links('7')).toEqual([3, 3, 3, 1]);
      expect(links('twice')).toEqual([2, 2, 2, 2]);
    } finally {
      unmount();
      worker.remove();
    }
  });
});
