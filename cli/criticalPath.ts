import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { member } from './decoded.ts';
import type { Moments } from './detection.ts';
import { executionOutput, taskResults } from './history.ts';

/** How long the recovery took against how long it had to take, in seconds. */
export interface CriticalPath {
  actualSeconds: number;
  idealSeconds: number;
  /** The part of the actual time above the ideal, 0.08 for 8%. */
  overhead: number;
  /** What the ideal is made of: each the shortest that this account's physics allowed, without anybody waiting. */
  ideal: { step: string; seconds: number }[];
}

/**
 * The shortest way from the accepted termination to the last validation: the source is gone, the copy runs, both its
 * checks and its agent are there, and every validation command takes its own time.
 * @param actualSeconds how long that took in truth
 * @param histories the drill's own and all nested ones
 * @returns undefined when the drill did not come that far
 */
export function criticalPath(
  actualSeconds: number,
  histories: Iterable<readonly HistoryEvent[]>,
  moments: Moments,
): CriticalPath | undefined {
  const all = [...histories];
  const terminate = all.flatMap(taskResults).find(({ output }) => member(output, 'acceptedAt') !== undefined);
  const acceptedAt = Date.parse(String(member(terminate?.output, 'acceptedAt')));
  const terminatedAt = moments.at(`${member(terminate?.output, 'instanceId')}:terminated`);
  const restored = all.map(executionOutput).find((output) => member(output, 'launchedAt') !== undefined);
  const instanceId = member(restored, 'instanceId');
  const launchedAt = Date.parse(String(member(restored, 'launchedAt')));
  const ready = ['running', 'status-ok', 'online'].map((event) => moments.at(`${instanceId}:${event}`));
  const [running, statusOk, online] = ready;
  if (terminatedAt === undefined || !running || !statusOk || !online || Number.isNaN(launchedAt))
    return undefined;
  const ideal = [
    { step: 'source terminated', seconds: (terminatedAt - acceptedAt) / 1000 },
    { step: 'copy running', seconds: (running - launchedAt) / 1000 },
    { step: 'checks passed and agent online', seconds: (Math.max(statusOk, online) - running) / 1000 },
    ...validationCommands(all, online, moments),
  ];
  const idealSeconds = ideal.reduce((sum, { seconds }) => sum + seconds, 0);
  return { actualSeconds, idealSeconds, overhead: actualSeconds / idealSeconds - 1, ideal };
}

/**
 * The commands that ran once the copy was online, each from its request to the moment when it had finished. Of those
 * that ran side by side only the longest counts.
 */
function validationCommands(
  histories: readonly (readonly HistoryEvent[])[],
  online: number,
  moments: Moments,
): { step: string; seconds: number }[] {
  const commands = histories.flatMap((events) => {
    const sent = taskResults(events).find(({ output }) => member(output, 'sentAt') !== undefined)?.output;
    const sentAt = Date.parse(String(member(sent, 'sentAt')));
    const finishedAt = moments.at(`${member(sent, 'commandId')}:finished`);
    return finishedAt === undefined || !(sentAt >= online) ? [] : [{ sentAt, finishedAt }];
  });
  const groups: { until: number; longest: number }[] = [];
  for (const { sentAt, finishedAt } of commands.sort((a, b) => a.sentAt - b.sentAt)) {
    const last = groups.at(-1);
    const took = finishedAt - sentAt;
    if (last && sentAt < last.until) {
      last.until = Math.max(last.until, finishedAt);
      last.longest = Math.max(last.longest, took);
    } else groups.push({ until: finishedAt, longest: took });
  }
  return groups.map(({ longest }) => ({ step: 'validation command', seconds: longest / 1000 }));
}
