import { mkdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { buildSlowFs, mountSlowly } from '../../bench/efs/slowFileSystem.ts';
import { withFuse } from '../../requires.ts';
import { differences, EfsWorker, sh } from './efsWorker.ts';

jest.setTimeout(120_000);

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
