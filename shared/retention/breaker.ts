import { TooManyDeletions } from '../errors.ts';

/** The most recovery points that one run may delete: so many, or so many of a hundred. */
export type MaxDeletions = { percent: number } | { count: number };

/**
 * Refuses a run that would delete more of a policy's good points than it may: a wrong policy, or a wrong clock, must
 * not cost the backups. What failed runs have left does not count on either side.
 * @param which says which ones, or how to see them
 * @throws TooManyDeletions with the numbers, and how to allow it.
 */
export function checkDeletions(
  { policy, good, deletions }: { policy: string; good: number; deletions: number },
  most: MaxDeletions,
  which = `See which ones by 'backup-drill plan ${policy}'`,
): void {
  const [allowed, words, needed] =
    'count' in most
      ? [most.count, String(most.count), `{ count: ${deletions} }`]
      : [
          Math.floor((good * most.percent) / 100),
          `${most.percent}%`,
          `{ percent: ${Math.min(100, Math.ceil((deletions * 100) / Math.max(1, good)))} }`,
        ];
  if (deletions <= allowed) return;
  throw new TooManyDeletions(
    `policy ${policy}: ${deletions} of ${good} good recovery points would be deleted, and maxDeletions allows ${words}; ` +
      `nothing was deleted. ${which}; if that is meant, deploy the policy with ` +
      `maxDeletions: ${needed}, and take it back afterwards.`,
  );
}
