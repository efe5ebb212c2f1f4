import { describe, expect, jest, test } from '@jest/globals';
import { withFpsync } from '../../requires.ts';
import { differences, EfsWorker, HOSTILE_TREE, sh } from './efsWorker.ts';

jest.setTimeout(1_200_000);

const full = process.env.TEST_FULL === '1';

if (full)
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
          'echo changed > many/1/11/aaa; rm -r many/2/22; chmod 600 many/3/33/aab; truncate -s -1 two-gigabytes',
        );
      }
      worker.remove();
    });
  });
else
  describe('a large tree', () => {
    test('is left to test:full', () => expect(full).toBe(false));
  });
