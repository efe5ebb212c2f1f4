import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { criticalPath } from '../../cli/criticalPath.ts';
import { detections } from '../../cli/detection.ts';
import { taskResults } from '../../cli/history.ts';
import type { World } from './world.ts';

/** A task's result, as far as this file reads it. */
interface Told {
  ready?: boolean;
  waitedFor?: string[];
  since?: string;
  commandId?: string;
  sentAt?: string;
  acceptedAt?: string;
}

/**
 * Every wait of a drill noticed in time, and the way from termination to validation took at most a tenth longer than
 * the physics of this account. The latter is added up here once more, from the account's own timeline.
 * @param result the drill's output or its run record
 */
// biome-ignore lint/suspicious/noExplicitAny: a record of the table
export async function expectPrompt(world: World, arn: string, result: any): Promise<void> {
  const histories = await world.histories(arn);
  expectTimelyLooks(world, histories);

  const { timeline } = world.local.account;
  const path = criticalPath(result.rto.seconds, histories, timeline);
  const evidence = await world.evidence(result.evidence);
  const moment = (what: string) => timeline.at(what) ?? Number.NaN;
  const told = toldIn(histories);
  const acceptedAt = Date.parse(told.find((one) => one.acceptedAt)?.acceptedAt ?? '');
  const { instanceId, launchedAt } = evidence.restored;
  const up = Math.max(moment(`${instanceId}:status-ok`), moment(`${instanceId}:online`));
  const validation = ['restored-inspect', 'restored-manifest'].map((step) => {
    const own = histories.filter(
      ([start]) => JSON.parse(start?.executionStartedEventDetails?.input ?? '{}').step === step,
    );
    const { commandId, sentAt = '' } = toldIn(own).find((one) => one.sentAt) ?? {};
    return moment(`${commandId}:finished`) - Date.parse(sentAt);
  });
  const ideal =
    moment(`${evidence.recoveryPoint.resource}:terminated`) -
    acceptedAt +
    (up - Date.parse(launchedAt)) +
    Math.max(...validation);
  expect(path?.actualSeconds).toBe(result.rto.seconds);
  expect(path?.idealSeconds).toBeCloseTo(ideal / 1000, 3);
  const overhead = result.rto.seconds / (ideal / 1000) - 1;
  expect(path?.overhead).toBeCloseTo(overhead, 3);
  expect(overhead).toBeGreaterThanOrEqual(0);
  expect(overhead).toBeLessThanOrEqual(0.1);
}

/** A wait's lag is at most 5% of what it had waited for, or the shortest wait; and the look itself takes its time. */
function expectTimelyLooks(world: World, histories: HistoryEvent[][]): void {
  const seen = detections(histories, world.local.account.timeline);
  const looks = toldIn(histories).filter(({ ready, waitedFor }) => ready && waitedFor);
  const image = seen.filter(({ waitedFor }) => /^ami-.*:available$/.test(waitedFor[0] ?? ''));
  expect(image).toHaveLength(1);
  expect(seen.length).toBeGreaterThan(10);
  const late = seen.filter(({ waitedFor, readyAt, lagSeconds }) => {
    const { since = readyAt } = looks.find((one) => one.waitedFor?.join() === waitedFor.join()) ?? {};
    const waited = (Date.parse(readyAt) - Date.parse(since)) / 1000;
    // A snapshot has started before anybody finds it.
    const unseen = waitedFor[0]?.includes(':snapshot-of-') ? world.local.account.physics.idLag[1] : 0;
    return lagSeconds < 0 || lagSeconds > Math.max(2, 0.05 * waited) + 1.5 + unseen;
  });
  expect(late).toEqual([]);
}

function toldIn(histories: HistoryEvent[][]): Told[] {
  return histories.flatMap(taskResults).map(({ output }) => output as Told);
}
