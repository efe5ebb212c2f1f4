import { describe, expect, test } from '@jest/globals';
import { checkDeletions, type MaxDeletions } from '../../../shared/retention/breaker.ts';

const check =
  (deletions: number, most: MaxDeletions, good = 100) =>
  () =>
    checkDeletions({ policy: 'nightly', good, deletions }, most);

describe('the circuit breaker', () => {
  test.each<[number, number, MaxDeletions]>([
    [50, 100, { percent: 50 }],
    [1, 2, { percent: 50 }],
    [0, 0, { percent: 1 }],
    [7, 100, { count: 7 }],
    [100, 100, { percent: 100 }],
  ])('lets %i of %i go by %j', (deletions, good, most) => {
    expect(check(deletions, most, good)).not.toThrow();
  });

  test.each<[number, number, MaxDeletions]>([
    [51, 100, { percent: 50 }],
    [2, 3, { percent: 50 }],
    [8, 100, { count: 7 }],
  ])('stops at %i of %i by %j', (deletions, good, most) => {
    expect(check(deletions, most, good)).toThrow(expect.objectContaining({ name: 'TooManyDeletions' }));
  });

  test('says the numbers, and how to allow it', () => {
    expect(check(76, { percent: 50 })).toThrow(
      'policy nightly: 76 of 100 good recovery points would be deleted, and maxDeletions allows 50%; nothing was ' +
        "deleted. See which ones by 'backup-drill plan nightly'; if that is meant, deploy the policy with " +
        'maxDeletions: { percent: 76 }, and take it back afterwards.',
    );
    expect(check(2, { percent: 50 }, 3)).toThrow('maxDeletions: { percent: 67 }');
    expect(check(8, { count: 7 })).toThrow('maxDeletions allows 7; nothing was deleted.');
    expect(check(8, { count: 7 })).toThrow('maxDeletions: { count: 8 }');
  });
});
