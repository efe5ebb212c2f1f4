import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import { CHECKS } from '../../shared/checks.ts';
import type { DrillFacts, RunFailure } from '../../shared/drillFacts.ts';
import { drillResult } from '../../shared/drillFacts.ts';
import { judgeDrill } from '../../shared/verdict.ts';
import { at, facts, settings } from './drillFacts.ts';

const judge = (seen: DrillFacts, failure?: RunFailure, run = settings) =>
  judgeDrill(run, seen, failure, new Date(at(1320)));
const checkOf = (result: ReturnType<typeof judge>, name: string) =>
  result.checks.find((check) => check.name === name);
const { recoveryPoint, restored, inspection, comparison, sweep, cleanup } = facts;

describe('judgeDrill', () => {
  test('passes a drill in which every check was made and passed', () => {
    const result = judge(facts);
    expect(result.checks.filter((check) => !check.passed)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'PASS', runId: 'run-1', leftovers: [], finishedAt: at(1320) });
    expect(v.parse(drillResult, result)).toEqual(result);
    expect(result.checks.map((check) => check.name)).toEqual([
      'recoveryPoint',
      'consistency',
      'preBackup',
      'isolation',
      'sourceTerminated',
      'newInstance',
      'volumes',
      'fileSystems',
      'manifest',
      'nonce',
      'fingerprint',
      'rto',
      'rpo',
      'leftovers',
    ]);
  });

  test('measures the recovery by its steps, which add up to the whole, and the age of the point', () => {
    const { rto, rpo } = judge(facts);
    expect(rto).toEqual({
      seconds: 210,
      objectiveSeconds: 1800,
      steps: [
        { step: 'source terminated', seconds: 40 },
        { step: 'copy launched', seconds: 2 },
        { step: 'copy running', seconds: 18 },
        { step: 'copy healthy and managed', seconds: 140 },
        { step: 'copy validated', seconds: 10 },
      ],
    });
    expect(rpo).toEqual({ seconds: 500, objectiveSeconds: 3600 });
  });

  test.each<[string, string, DrillFacts, RegExp]>([
    [
      'recoveryPoint',
      'a volume is in no snapshot',
      { recoveryPoint: { ...recoveryPoint, snapshots: recoveryPoint.snapshots.slice(1) } },
      /\/dev\/sdf \(vol-1\) is in no snapshot/,
    ],
    [
      'recoveryPoint',
      'a snapshot is not encrypted',
      {
        recoveryPoint: {
          ...recoveryPoint,
          snapshots: recoveryPoint.snapshots.map((one) => ({ ...one, encrypted: false })),
        },
      },
      /snap-1 is not encrypted/,
    ],
    [
      'consistency',
      'less was seen than asked',
      { recoveryPoint: { ...recoveryPoint, consistency: { asked: 'reboot', seen: 'crash' } } },
      /asked for reboot, seen: crash/,
    ],
    [
      'preBackup',
      'the source changed by itself',
      { preBackup: { ...facts.preBackup, changed: 1, failures: ['./x: changed'] } },
      /\.\/x: changed/,
    ],
    [
      'newInstance',
      'the copy is the source',
      { restored: { ...restored, instanceId: 'i-1' } },
      /it is i-1 again/,
    ],
    [
      'newInstance',
      'the copy is of another image',
      { restored: { ...restored, imageId: 'ami-7' } },
      /launched from ami-7/,
    ],
    [
      'volumes',
      'one was left out',
      { restored: { ...restored, volumes: restored.volumes.slice(1) } },
      /\/dev\/sdf is not attached \(snap-1\)/,
    ],
    [
      'volumes',
      'one is of an older snapshot',
      {
        restored: { ...restored, volumes: restored.volumes.map((one) => ({ ...one, snapshotId: 'snap-2' })) },
      },
      /\/dev\/sdf is from snap-2, not from snap-1/,
    ],
    [
      'volumes',
      'there is one too many',
      {
        restored: {
          ...restored,
          volumes: [...restored.volumes, { volumeId: 'vol-7', deviceName: '/dev/sdz', snapshotId: '' }],
        },
      },
      /\/dev\/sdz is not in the recovery point/,
    ],
    [
      'fileSystems',
      'one is not mounted',
      { inspection: { ...inspection, mounts: inspection.mounts.map((one) => ({ ...one, mounted: false })) } },
      /\/srv: its file system is not mounted/,
    ],
    [
      'fileSystems',
      'one is not clean',
      { inspection: { ...inspection, mounts: inspection.mounts.map((one) => ({ ...one, clean: false })) } },
      /nvme1n1 is not clean/,
    ],
    [
      'fileSystems',
      'one was not looked at',
      { inspection: { ...inspection, mounts: [] } },
      /\/data1 was not looked at/,
    ],
    [
      'manifest',
      'an entry is missing',
      { comparison: { ...comparison, missing: 1, failures: ['./x: missing'] } },
      /\.\/x: missing/,
    ],
    [
      'manifest',
      'an entry is in flux',
      { comparison: { ...comparison, inFlux: 1, failures: ['./x: late'] } },
      /\.\/x: late/,
    ],
    [
      'manifest',
      'nothing was compared',
      { comparison: { ...comparison, compared: 0 } },
      /nothing was looked at/,
    ],
    [
      'nonce',
      'it is of another backup',
      { comparison: { ...comparison, nonce: { compared: 2, failures: ['/srv: other'] } } },
      /\/srv: other/,
    ],
    [
      'fingerprint',
      'something differs that nobody asked for',
      {
        restored: {
          ...restored,
          fingerprint: {
            matches: false,
            differences: [
              { field: 'instanceType', expected: 't4g.small', actual: 't4g.nano', onPurpose: false },
            ],
          },
        },
      },
      /instanceType was t4g.small, is t4g.nano/,
    ],
    [
      'rto',
      'it took too long',
      { comparison: { ...comparison, comparedAt: at(1000 + 1900) } },
      /100 s over the objective/,
    ],
    [
      'rpo',
      'the point was too old',
      { recoveryPoint: { ...recoveryPoint, createdAt: at(1000 - 3700) } },
      /100 s over the objective/,
    ],
    [
      'leftovers',
      'something was left',
      { sweep: { ...sweep, leftovers: [{ kind: 'snapshot', id: 'snap-1', state: 'completed' }] } },
      /snapshot snap-1 is completed/,
    ],
    [
      'leftovers',
      'ledger and account contradict each other',
      { sweep: { ...sweep, disagreements: ['volume x is not in its ledger'] } },
      /not in its ledger/,
    ],
    [
      'leftovers',
      'the cleanup could not remove something',
      { cleanup: { ...cleanup, remaining: [{ kind: 'image', key: 'k', id: 'ami-1', reason: 'denied' }] } },
      /image ami-1 was not removed: denied/,
    ],
  ])('%s fails when %s', (name, _, change, words) => {
    const result = judge({ ...facts, ...change });
    expect(result.verdict).toBe('FAILED');
    expect(checkOf(result, name)).toMatchObject({ ran: true, passed: false });
    expect(checkOf(result, name)?.failures.join('; ')).toMatch(words);
  });

  test('names 20 failures of a check and counts the rest', () => {
    const failures = Array.from({ length: 20 }, (_, number) => `./${number}: missing`);
    const result = judge({ ...facts, comparison: { ...comparison, missing: 1000, failures } });
    const manifest = checkOf(result, 'manifest');
    expect(manifest?.summary).toContain('1000 missing');
    expect(manifest?.failures).toHaveLength(20);
    expect(manifest?.failures.at(-1)).toBe('and 981 more');
  });

  test.each(Object.keys(facts).filter((key) => !['endpoints', 'seeded'].includes(key)))(
    'does not pass without %s',
    (key) => {
      const { [key]: _, ...rest } = facts as Record<string, unknown>;
      const result = judge(rest as DrillFacts);
      expect(result.verdict).toBe('INCONCLUSIVE');
      expect(result.checks.some((check) => !check.ran && !check.passed)).toBe(true);
    },
  );

  test('a failure on the way leaves no PASS, even if every check passed', () => {
    expect(judge(facts, { Error: 'States.Timeout', Cause: '' }).verdict).toBe('INCONCLUSIVE');
  });

  test.each([
    ['PointNotVerified', 'recoveryPoint'],
    ['ConsistencyDowngraded', 'consistency'],
    ['InterlockRefused', 'sourceTerminated'],
    ['NetworkNotIsolated', 'isolation'],
    ['ManifestInvalid', 'manifest'],
  ])('%s is the failure of the check %s, not its absence', (error, name) => {
    const result = judge({ ...facts, comparison: undefined } as unknown as DrillFacts, {
      Error: error,
      Cause: 'why',
    });
    expect(result.verdict).toBe('FAILED');
    expect(checkOf(result, name)).toMatchObject({ ran: true, passed: false, failures: ['why'] });
  });

  test('a copy that did not come up fails the drill', () => {
    const { source, volumes, accepted, terminated } = facts;
    const seen = { source, volumes, recoveryPoint, accepted, terminated };
    const result = judge(seen, { Error: 'ResourceFailed', Cause: 'i-2 is terminated instead of running' });
    expect(result.verdict).toBe('FAILED');
    expect(checkOf(result, 'newInstance')?.failures).toEqual(['i-2 is terminated instead of running']);
    const before = judge({ source }, { Error: 'ResourceFailed', Cause: 'vpce-1 did not come' });
    expect(before.verdict).toBe('INCONCLUSIVE');
  });

  test('whatever is missing, PASS means that every check was made and passed', () => {
    const keys = Object.keys(facts);
    fc.assert(
      fc.property(fc.subarray(keys), fc.boolean(), (kept, failed) => {
        const seen = Object.fromEntries(kept.map((key) => [key, (facts as Record<string, unknown>)[key]]));
        const result = judge(seen as DrillFacts, failed ? { Error: 'X', Cause: '' } : undefined);
        const whole = !failed && result.checks.every((check) => check.ran && check.passed);
        expect(result.verdict === 'PASS').toBe(whole);
        expect(result.checks).toHaveLength(Object.keys(CHECKS).length);
      }),
    );
  });
});
