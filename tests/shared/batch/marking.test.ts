import { describe, expect, test } from '@jest/globals';
import { afterRefusal, giveUpTags, withRefusals } from '../../../shared/batch/marking.ts';
import type { TagJob } from '../../../shared/batch/tagJobs.ts';
import { item } from './batches.ts';

const error = (name: string, message: string) => Object.assign(new Error(message), { name });
const vol = (number: number) => `vol-0000000000000000${number}`;
const job = (...ids: string[]): TagJob => ({ ids, tags: { done: 'yes' }, of: 'policy' });

describe('a call that EC2 refuses', () => {
  test('goes on without what its words say is gone', () => {
    const gone = error('InvalidVolume.NotFound', `The volume '${vol(2)}' does not exist.`);
    expect(afterRefusal(job(vol(1), vol(2), vol(3)), gone)).toEqual({
      left: [job(vol(1), vol(3))],
      refused: [],
    });
  });

  test('is halved where its words name nothing of it, until one is left alone with its fault', () => {
    const full = error('TagLimitExceeded', 'More than 50 tags are not allowed for a resource.');
    expect(afterRefusal(job(vol(1), vol(2), vol(3)), full)).toEqual({
      left: [job(vol(1), vol(2)), job(vol(3))],
      refused: [],
    });
    expect(afterRefusal(job(vol(3)), full)).toEqual({
      left: [],
      refused: [
        {
          id: vol(3),
          of: 'policy',
          reason: 'TagLimitExceeded: More than 50 tags are not allowed for a resource.',
        },
      ],
    });
  });

  test('needs nothing more when all that it was for is gone', () => {
    expect(afterRefusal(job(vol(1)), error('InvalidID', 'what'))).toEqual({ left: [], refused: [] });
  });

  test('finds one among 500 within ten rounds', () => {
    const ids = Array.from({ length: 500 }, (_, at) => `vol-${String(at).padStart(17, '0')}`);
    const full = error('TagLimitExceeded', 'More than 50 tags are not allowed for a resource.');
    let [left, calls, rounds] = [[job(...ids)], 0, 0];
    const refused: string[] = [];
    for (; left.length > 0; rounds++)
      left = left.flatMap((one) => {
        calls++;
        if (!one.ids.includes(ids[7] ?? '')) return [];
        const after = afterRefusal(one, full);
        refused.push(...after.refused.map(({ id }) => id));
        return after.left;
      });
    expect(refused).toEqual([ids[7]]);
    expect(rounds).toBeLessThanOrEqual(10);
    expect(calls).toBeLessThanOrEqual(19);
  });
});

describe('the items of a batch', () => {
  const verified = item(1, {
    state: 'verified',
    point: 'verified',
    ids: ['ami-1', 'snap-1'],
    pointId: 'ami-1',
  });

  test('lose their point when it cannot say what it is', () => {
    const refused = [{ id: 'snap-1', of: 'point' as const, reason: 'TagLimitExceeded: full' }];
    expect(withRefusals([verified], refused)).toMatchObject([
      { state: 'failed', point: 'failed', reason: 'snap-1 could not be tagged: TagLimitExceeded: full' },
    ]);
    const lost = item(1, { state: 'failed', point: 'verified', ids: ['snap-1'], reason: 'START IT BY HAND' });
    expect(withRefusals([lost], refused)).toMatchObject([{ point: 'failed', reason: 'START IT BY HAND' }]);
  });

  test('keep it with a warning when one of the policy’s tags cannot be put on', () => {
    const reason = 'TagLimitExceeded: full';
    const refused = [verified.instanceId, vol(1), 'snap-1'].map((id) => ({
      id,
      of: 'policy' as const,
      reason,
    }));
    expect(withRefusals([verified, item(2, { volumes: [] })], refused)).toEqual([
      {
        ...verified,
        warnings: [verified.instanceId, vol(1), 'snap-1'].map((id) => `${id} could not be tagged: ${reason}`),
      },
      item(2, { volumes: [] }),
    ]);
  });

  test('are told what was not reached in time', () => {
    const before = [{ id: vol(9), of: 'policy' as const, reason: 'x' }];
    expect(giveUpTags({ left: [job(vol(1))], refused: before }, 60)).toEqual({
      left: [],
      refused: [
        ...before,
        { id: vol(1), of: 'policy', reason: 'EC2 took no request to tag it within 60 seconds' },
      ],
    });
  });
});
