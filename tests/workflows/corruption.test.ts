import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CorruptionKind } from '../../local/host/host.ts';
import { inFull, withRoot } from '../requires.ts';
import { expectPrompt } from './promptness.ts';
import { type Outcome, World } from './world.ts';

const MINUTE = 60_000; // real milliseconds that a test may take on a busy machine

let world: World;
beforeAll(async () => {
  world = await World.start({ physics: { snapshotProgress: 'empty' } });
}, 2 * MINUTE);
afterAll(async () => await world.close());

/** What a failed drill has found, as its run record has it. */
async function recordOf({ arn }: Outcome) {
  const record = (await world.items('RunsTable')).find(({ executionArn }) => executionArn === arn);
  return record as { verdict: string; checks: { name: string; passed: boolean; failures: string[] }[] };
}

async function drillWith(kind: CorruptionKind) {
  world.local.damageRestoredCopy(kind);
  const outcome = await world.run('dr-drill', {});
  const { verdict, checks } = await recordOf(outcome);
  const failed = checks.filter(({ passed }) => !passed);
  return {
    outcome,
    verdict,
    names: failed.map(({ name }) => name),
    failures: failed.flatMap((one) => one.failures),
  };
}

/** It ends FAILED by a check of its own, not by an error on the way, says why, and leaves only that behind. */
async function failsCleanly({ outcome, verdict }: Awaited<ReturnType<typeof drillWith>>): Promise<void> {
  expect([outcome.status, outcome.error, verdict]).toEqual(['FAILED', 'DrillFailed', 'FAILED']);
  expect(await world.existing()).toEqual([]);
  expect(await world.objects('StagingBucket')).toEqual([]);
  expect(await world.items('PointsTable')).toEqual([]);
  expect(await world.locks()).toEqual([]);
  const { subject = '', message } = world.lastMessage() ?? { message: '{}' };
  expect(subject).toMatch(/^FAILED: drill /);
  expect((await world.evidence(JSON.parse(message).evidence)).verdict).toBe('FAILED');
}

/** Damage to one file, and what the manifest's check says of it. */
const onOneFile = (kind: CorruptionKind, words: RegExp) =>
  test(
    `${kind}: fails the manifest and names the path`,
    async () => {
      const found = await drillWith(kind);
      await failsCleanly(found);
      const path = world.local.host.damaged?.path ?? 'nothing was damaged';
      expect(found.names).toEqual(['manifest']);
      expect(found.failures).toEqual([expect.stringContaining(path)]);
      expect(found.failures[0]).toMatch(words);
      expect(found.outcome.cause).toContain(path);
      await expectPrompt(world, found.outcome.arn, await recordOf(found.outcome));
    },
    2 * MINUTE,
  );

describe('a restored copy that is damaged', () => {
  onOneFile('flip', /sha-?256|content/i);

  inFull(
    'volume: fails and names the volume that is missing',
    async () => {
      const found = await drillWith('volume');
      await failsCleanly(found);
      expect(found.names).toContain('volumes');
      expect(found.failures.join('\n')).toMatch(/\/dev\/sd[fg]/);
      expect(found.outcome.cause).toMatch(/\/dev\/sd[fg]/);
    },
    2 * MINUTE,
  );

  inFull(
    'stale: fails the nonce, though every file may be as it was',
    async () => {
      const found = await drillWith('stale');
      await failsCleanly(found);
      expect(found.names).toContain('nonce');
      expect(found.failures.join('\n')).toContain('/data1');
    },
    2 * MINUTE,
  );
});

if (process.env.TEST_FULL)
  describe('a restored copy that is damaged otherwise', () => {
    onOneFile('truncate', /size/i);
    onOneFile('missing', /missing/i);
    onOneFile('extra', /extra/i);
    onOneFile('mode', /mode/i);
    withRoot('with files of another owner', () => onOneFile('owner', /owner|uid|gid/i));
  });
