import { member } from './decoded.ts';
import type { Histories } from './follow.ts';
import { taskResults } from './history.ts';

/** How far one batch has come. */
export interface BatchProgress {
  name: string;
  /** Instances whose capture has still to begin. */
  left: number | undefined;
  /** Captures that are under way. */
  pending: number | undefined;
  /** Instances with a verified point, once they are verified. */
  verified: number | undefined;
}

/** How far every batch of a run has come, by what its tasks have told so far. */
export function batchProgress(histories: Histories): BatchProgress[] {
  return [...histories].flatMap(([arn, events]) => {
    if (!arn.includes('-batch-backup:')) return [];
    const told = (key: string) => {
      const values = taskResults(events).map(
        ({ output }) => member(output, key) ?? member(member(output, 'seen'), key),
      );
      const last = values.findLast((value) => typeof value === 'number');
      return typeof last === 'number' ? last : undefined;
    };
    const name = arn.split(':').at(-1) ?? '';
    return [{ name, left: told('left'), pending: told('pending'), verified: told('verified') }];
  });
}

/** The same in one line: `3 batches: 412 to begin, 1,588 under way, 1,000 verified`; undefined before the first tells. */
export function fleetLine(histories: Histories): string | undefined {
  const batches = batchProgress(histories);
  if (batches.every(({ left, pending, verified }) => (left ?? pending ?? verified) === undefined))
    return undefined;
  const sum = (of: (batch: BatchProgress) => number | undefined) =>
    batches.reduce((total, batch) => total + (of(batch) ?? 0), 0).toLocaleString('en');
  const under = sum(({ pending, verified }) => (verified === undefined ? pending : 0));
  const many = batches.length === 1 ? '1 batch' : `${batches.length} batches`;
  return `${many}: ${sum(({ left }) => left)} to begin, ${under} under way, ${sum(({ verified }) => verified)} verified`;
}
