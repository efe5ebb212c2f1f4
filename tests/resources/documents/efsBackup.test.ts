import { expect, jest, test } from '@jest/globals';
import { withFpsync } from '../../requires.ts';
import { differences, EfsWorker, HOSTILE_TREE, sh } from './efsWorker.ts';

jest.setTimeout(120_000);

withFpsync('a backup of a hostile tree', () => {
  test('is identical by independent comparison, twice in a row, and nothing alters the first', () => {
    const worker = new EfsWorker();
    sh(worker.source, HOSTILE_TREE);
    worker.backUp('20260101T000000Z');
    expect(differences(worker.source, worker.data('20260101T000000Z'))).toBe('');
    sh(
      worker.source,
      'rm -r becomes-file; printf f > becomes-file; rm becomes-directory; mkdir becomes-directory; printf g > becomes-directory/inner; chmod 600 many/7; printf changed > many/8; rm many/9; rm deep/linked; cp -p linked deep/linked; setfacl -m u:1:r many/10',
    );
    const before = sh(
      worker.data('20260101T000000Z'),
      "find . -printf '%P %m %s %T@\\n' | sort; getfacl -Rpn .",
    );
    worker.backUp('20260102T000000Z');
    expect(differences(worker.source, worker.data('20260102T000000Z'))).toBe('');
    expect(
      sh(worker.data('20260101T000000Z'), "find . -printf '%P %m %s %T@\\n' | sort; getfacl -Rpn ."),
    ).toBe(before);
    worker.remove();
  });
});
